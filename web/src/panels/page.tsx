import { useEffect, useRef } from 'preact/hooks';
import type { App } from '../app';
import { followPointer } from '../pointer';
import { dialog, host, tab } from '../state';
import { Stack } from '../tracks/stack';
import { Collectors } from './collectors';
import { Disks, Interfaces } from './devices';
import { KeySheet, Numbers, useReturnedFocus } from './dialogs';
import { Facts } from './facts';
import { Footer } from './footer';
import { HostIcon, TracksIcon } from './icons';
import { Strip } from './strip';
import { TopBar } from './topbar';
import { Transport } from './transport';

/** The whole page. Preact makes its frame; tracks, strip and tables write into theirs on their own. */
export function Page({ app }: { readonly app: App }) {
  const root = useRef<HTMLDivElement>(null);
  const what = useRef<HTMLElement>(null);
  const strip = useRef<HTMLDivElement>(null);
  const live = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (root.current !== null && what.current !== null && strip.current !== null && live.current !== null) {
      return mount(app, root.current, what.current, strip.current, live.current);
    }

    return undefined;
  }, [app]);
  useReturnedFocus();
  return (
    <div class="page" ref={root} data-testid="page" data-tab={tab.value}>
      <a class="skip" href="#tracks">
        Skip to the tracks
      </a>
      <TopBar />
      <Transport retry={() => app.retry()} />
      <div class="strip-place" ref={strip} />
      <Tabs />
      <main class="main">
        <section
          class={host.value === null ? 'what tracks waiting' : 'what tracks'}
          id="tracks"
          ref={what}
          tabIndex={-1}
          aria-label="Tracks"
        />
        <section class="who" id="host" aria-label="Host" tabIndex={0}>
          <Facts />
          <div ref={live} />
        </section>
      </main>
      <Footer keys={app.keys} />
      {dialog.value?.kind === 'keys' && <KeySheet keys={app.keys} />}
      {dialog.value?.kind === 'numbers' && <TrackNumbers app={app} track={dialog.value.track} />}
    </div>
  );
}

function Tabs() {
  const item = (id: 'tracks' | 'host', label: string) => (
    <button
      type="button"
      aria-pressed={tab.value === id}
      data-testid={`tab-${id}`}
      onClick={() => (tab.value = id)}
    >
      {id === 'tracks' ? <TracksIcon /> : <HostIcon />}
      {label}
    </button>
  );
  return (
    <nav class="tabs" aria-label="Parts of the page">
      {item('tracks', 'Tracks')}
      {item('host', 'Host')}
    </nav>
  );
}

function TrackNumbers({ app, track }: { readonly app: App; readonly track: string }) {
  const found = app.renderer.stack?.find(track) ?? null;
  if (found === null) {
    return null;
  }

  const { view } = app.renderer;
  const from = Math.min(view.to, app.history.firstAtOrAfter(view.x0));
  return (
    <Numbers
      title={found.title}
      columns={found.mounted.numbers()}
      history={app.history}
      from={from}
      to={app.history.end}
    />
  );
}

function mount(
  app: App,
  root: HTMLElement,
  what: HTMLElement,
  stripPlace: HTMLElement,
  live: HTMLElement,
): () => void {
  const { renderer } = app;
  renderer.palette.read(root);
  const stack = new Stack(what, renderer.palette, () => renderer.redraw());
  stack.outline();
  const strip = new Strip(renderer.view, renderer.palette);
  const panels = [new Disks(renderer.palette), new Interfaces(renderer.palette), new Collectors(renderer.palette)];
  stripPlace.append(strip.root);
  live.append(...panels.map((panel) => panel.root));
  renderer.stack = stack;
  renderer.strip = strip;
  renderer.panels = panels;
  const release = followPointer(stack, renderer);
  renderer.attach(root);
  app.start();
  return release;
}
