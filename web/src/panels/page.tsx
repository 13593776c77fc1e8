import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { App } from '../app';
import { followPointer } from '../pointer';
import { side } from '../settings';
import { dialog, host, type Tab, tab } from '../state';
import { CgroupPanel } from '../tables/cgroup-panel';
import { ProcessPanel } from '../tables/process-panel';
import { ProcessNote, SideHead } from '../tables/side';
import { Stack } from '../tracks/stack';
import { Collectors } from './collectors';
import { Disks, Interfaces } from './devices';
import { KeySheet, Numbers, useReturnedFocus } from './dialogs';
import { Facts } from './facts';
import { Footer } from './footer';
import { CgroupsIcon, HostIcon, ProcessesIcon, TracksIcon } from './icons';
import { Strip } from './strip';
import { TopBar } from './topbar';
import { Transport } from './transport';

/** The whole page. Preact makes its frame; tracks, strip and tables write into theirs on their own. */
export function Page({ app }: { readonly app: App }) {
  const root = useRef<HTMLDivElement>(null);
  const what = useRef<HTMLElement>(null);
  const strip = useRef<HTMLDivElement>(null);
  const tables = useRef<HTMLDivElement>(null);
  const live = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const places = [root, what, strip, tables, live].map((place) => place.current);
    if (places.every((place) => place !== null)) {
      return mount(app, ...(places as Places));
    }

    return undefined;
  }, [app]);
  useReturnedFocus();
  return (
    <div class="page" ref={root} data-testid="page" data-tab={tab.value} data-side={side.value}>
      <a class="skip" href="#tracks">
        Skip to the tracks
      </a>
      <a class="skip" href="#processes">
        Skip to the processes
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
        <section class="who" aria-label="Processes and host">
          <SideHead />
          <div class="side-tables" id="processes" tabIndex={-1}>
            <ProcessNote />
            <div class="table-places" ref={tables} />
          </div>
          <div class="side-host" id="host" role="region" aria-label="Host" tabIndex={0}>
            <Facts />
            <div ref={live} />
          </div>
        </section>
      </main>
      <Footer keys={app.keys} />
      {dialog.value?.kind === 'keys' && <KeySheet keys={app.keys} />}
      {dialog.value?.kind === 'numbers' && <TrackNumbers app={app} track={dialog.value.track} />}
    </div>
  );
}

function Tabs() {
  const item = (id: Tab, label: string, icon: VNode) => (
    <button
      type="button"
      aria-pressed={tab.value === id}
      data-testid={`tab-${id}`}
      onClick={() => (tab.value = id)}
    >
      {icon}
      {label}
    </button>
  );
  return (
    <nav class="tabs" aria-label="Parts of the page">
      {item('tracks', 'Tracks', <TracksIcon />)}
      {item('processes', 'Processes', <ProcessesIcon />)}
      {item('cgroups', 'Cgroups', <CgroupsIcon />)}
      {item('host', 'Host', <HostIcon />)}
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

/** Page, tracks, strip, tables, panels of the host. */
type Places = [HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement];

function mount(app: App, ...[root, what, stripPlace, tablePlace, live]: Places): () => void {
  const { renderer } = app;
  renderer.palette.read(root);
  const stack = new Stack(what, renderer.palette, () => renderer.redraw());
  stack.outline();
  const strip = new Strip(renderer.view, renderer.palette);
  const panels = [new Disks(renderer.palette), new Interfaces(renderer.palette), new Collectors(renderer.palette)];
  const refresh = (): void => renderer.refresh();
  const processes = new ProcessPanel(app.tables, renderer.palette, refresh);
  const cgroups = new CgroupPanel(app.tables, renderer.palette, refresh);
  stripPlace.append(strip.root);
  tablePlace.append(processes.root, cgroups.root);
  live.append(...panels.map((panel) => panel.root));
  renderer.stack = stack;
  renderer.strip = strip;
  renderer.panels = [processes, cgroups, ...panels];
  const release = followPointer(stack, renderer);
  renderer.attach(root);
  app.start();
  return release;
}
