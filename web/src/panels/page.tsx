import { useSignalEffect } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { auth } from '../access';
import type { App } from '../app';
import { useLater } from '../later';
import { isReplay, recorder } from '../past/now';
import { bindStrip } from '../past/strip-pointer';
import { followPointer } from '../pointer';
import { side } from '../settings';
import { dialog, host, type Tab, tab } from '../state';
import { CgroupPanel } from '../tables/cgroup-panel';
import { ProcessPanel } from '../tables/process-panel';
import { ProcessNote, SideHead } from '../tables/side';
import { TopPanel } from '../tables/top-panel';
import { Stack } from '../tracks/stack';
import { Footer } from './footer';
import { CgroupsIcon, HostIcon, ProcessesIcon, TracksIcon } from './icons';
import { PastNote } from './past-note';
import { Strip } from './strip';
import { TopBar } from './topbar';
import { Transport } from './transport';

/** The whole page. Preact makes its frame; tracks, strip and tables write into theirs on their own. */
export function Page({ app }: { readonly app: App }) {
  const root = useRef<HTMLDivElement>(null);
  const what = useRef<HTMLElement>(null);
  const strip = useRef<HTMLDivElement>(null);
  const tables = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const places = [root, what, strip, tables].map((place) => place.current);
    if (places.every((place) => place !== null)) {
      return mount(app, ...(places as Places));
    }

    return undefined;
  }, [app]);
  useReturnedFocus();
  const dialogs = useLater(() => import('./dialogs'), dialog.value !== null);
  const hostSide = useLater(() => import('./host-side'), side.value === 'host' || tab.value === 'host');
  return (
    <>
      {auth.value?.exposed === true && <Exposed />}
      <div
        class="page"
        ref={root}
        data-testid="page"
        data-tab={tab.value}
        data-side={side.value}
        data-replay={isReplay.value}
      >
        <a class="skip" href="#tracks">
          Skip to the tracks
        </a>
        <a class="skip" href="#processes">
          Skip to the processes
        </a>
        <TopBar />
        <Transport app={app} />
        <div class="strip-place" ref={strip} />
        <Tabs />
        <main class="main">
          <PastNote going={app.replay} />
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
              {hostSide !== null && <hostSide.HostSide app={app} />}
            </div>
          </section>
        </main>
        <Footer keys={app.keys} />
        {dialogs !== null && <dialogs.Dialogs app={app} />}
      </div>
    </>
  );
}

/** Said as long as it is so, and nothing can take it away: the reader may not be who chose it. */
function Exposed() {
  return (
    <p class="exposed" role="alert" data-testid="exposed">
      Everybody who can reach this address sees this machine: nobody has to log in.{' '}
      <code>hostscope user add NAME</code> on the server changes that.
    </p>
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

/** Restores the focus that a dialog took. */
function useReturnedFocus(): void {
  const before = useRef<Element | null>(null);
  useSignalEffect(() => {
    if (dialog.value !== null) {
      before.current = document.activeElement;
    } else if (before.current instanceof HTMLElement) {
      before.current.focus();
      before.current = null;
    }
  });
}

/** Page, tracks, strip, tables. */
type Places = [HTMLElement, HTMLElement, HTMLElement, HTMLElement];

function mount(app: App, ...[root, what, stripPlace, tablePlace]: Places): () => void {
  const { renderer } = app;
  renderer.palette.read(root);
  const stack = new Stack(what, renderer.palette, () => renderer.redraw());
  stack.users = (amount, view) => app.usersAt(amount, view);
  stack.outline();
  const strip = new Strip(app.history, renderer.palette, app.questions, () => renderer.redraw());
  stack.newest = () => app.replay.newest || Date.now();
  const refresh = (): void => renderer.refresh();
  const processes = new ProcessPanel(app.tables, renderer.palette, refresh);
  const cgroups = new CgroupPanel(app.tables, renderer.palette, refresh);
  const top = new TopPanel(app.tables, renderer.palette, refresh);
  what.append(top.root);
  stripPlace.append(strip.root);
  tablePlace.append(processes.root, cgroups.root);
  renderer.stack = stack;
  renderer.strip = strip;
  renderer.add([processes, cgroups, top]);
  const peakIn = (from: number, to: number): number => strip.peak(from, to) ?? (from + to) / 2;
  const releases = [
    followPointer(stack, renderer, app.replay),
    bindStrip(strip, app.replay, () => recorder.value !== null, peakIn),
  ];
  renderer.attach(root);
  app.start();
  return () => releases.forEach((release) => release());
}
