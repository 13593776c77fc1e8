import { useEffect, useRef } from 'preact/hooks';
import type { App } from '../app';
import { Collectors } from './collectors';
import { Disks, Interfaces } from './devices';
import { Facts } from './facts';

/** What the host is, device by device. */
export function HostSide({ app }: { readonly app: App }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { renderer } = app;
    const { palette } = renderer;
    const panels = [new Disks(palette), new Interfaces(palette), new Collectors(palette)];
    place.current?.append(...panels.map((panel) => panel.root));
    renderer.add(panels);
  }, [app]);
  return (
    <>
      <Facts />
      <div ref={place} />
    </>
  );
}
