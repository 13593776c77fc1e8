import { computed, useComputed } from '@preact/signals';
import type { App } from '../app';
import { clock, date, duration, zone } from '../format';
import { heldMs } from '../history';
import { isReplay, range, recorder, replay, replayTime } from '../past/now';
import { windowMs } from '../settings';
import { dialog, isOutdated, newestTime, notice, phase, problem, serverVersion, windows } from '../state';
import { PauseIcon, StepIcon } from './icons';
import { announcement, explanation, pillWord } from './words';

/** Where the page stands in time, what that means, how to go elsewhere, and the length of the window. */
export function Transport({ app }: { readonly app: App }) {
  const hasPast = recorder.value !== null;
  return (
    <nav class="transport" aria-label="Time">
      <Pill />
      <Clock />
      {hasPast && <Steps app={app} />}
      {isReplay.value && (
        <button type="button" class="button go-live" data-testid="go-live" onClick={() => app.replay.live()}>
          <span class="dot live" />
          <span>
            Go live <kbd>L</kbd>
          </span>
        </button>
      )}
      <Message retry={() => app.retry()} />
      <span class="spring" />
      <Windows app={app} />
      {hasPast && <Selection app={app} />}
    </nav>
  );
}

function Pill() {
  const name = useComputed(() => (isReplay.value ? 'replay' : phase.value.name));
  const word = useComputed(() => (isReplay.value ? 'REPLAY' : pillWord(phase.value)));
  const said = useComputed(() => (isReplay.value ? 'Replay' : announcement(phase.value)));
  return (
    <span class={`pill ${name.value}`} data-testid="live-state" data-state={name.value}>
      {isReplay.value ? <PauseIcon /> : <span class={`dot ${name.value}`} />}
      <b>{word.value}</b>
      <span class="unseen" role="status">
        {said.value}
      </span>
    </span>
  );
}

function Clock() {
  const shown = useComputed(() => replayTime.value ?? newestTime.value);
  const time = useComputed(() => (shown.value === null ? '--:--:--' : clock(shown.value)));
  const day = useComputed(() => (shown.value === null ? '' : `${date(shown.value)} · ${zone(shown.value)}`));
  const old = useComputed(() => !isReplay.value && !['live', 'late'].includes(phase.value.name));
  const ago = useComputed(() => {
    const [at, newest] = [replayTime.value, newestTime.value];
    return at === null || newest === null ? '' : `${duration(Math.max(0, newest - at) / 1000)} ago`;
  });
  return (
    <>
      <time class={old.value ? 'clock old' : 'clock'} data-testid="clock">
        {time.value}
      </time>
      <span class="date">{day.value}</span>
      {isReplay.value && (
        <span class="ago" data-testid="ago">
          {ago.value}
        </span>
      )}
    </>
  );
}

function Steps({ app }: { readonly app: App }) {
  const speed = replay.value?.speed ?? null;
  const steps = (ms: number) => () => app.replay.step({ ms });
  const step = (samples: 1 | -1) => () => app.replay.step({ samples });
  const label = speed === null ? '' : speed < 1 ? `1/${Math.round(1 / speed)}×` : `${speed}×`;
  const playing = speed !== null || !isReplay.value;
  return (
    <div class="segments steps" role="group" aria-label="Go through the past">
      <Step id="far-back" words="10 seconds back" keys="Shift ←" path={paths.farBack} act={steps(-10_000)} />
      <Step id="step-back" words="1 second back" keys="←" path={paths.back} act={step(-1)} />
      <button
        type="button"
        data-testid="play"
        aria-label={playing ? 'Pause' : 'Play from here'}
        title={playing ? 'Pause (Space)' : 'Play from here (Space); < > slower, faster'}
        onClick={() => app.replay.pause()}
      >
        <StepIcon path={playing ? paths.pause : paths.play} />
        {label !== '' && <span class="speed">{label}</span>}
      </button>
      <Step id="step-forward" words="1 second forward" keys="→" path={paths.forward} act={step(1)} />
      <Step id="far-forward" words="10 seconds forward" keys="Shift →" path={paths.farForward} act={steps(10_000)} />
    </div>
  );
}

const paths = {
  farBack: 'M10 5 5 10l5 5M15 5l-5 5 5 5',
  back: 'M12 5l-5 5 5 5',
  pause: 'M7 5v10M13 5v10',
  play: 'M7 4.5v11l8-5.5z',
  forward: 'M8 5l5 5-5 5',
  farForward: 'M10 5l5 5-5 5M5 5l5 5-5 5',
  link:
    'M8.5 11.5a3 3 0 0 0 4.2 0l2.4-2.4a3 3 0 0 0-4.2-4.2l-.9.9' +
    'M11.5 8.5a3 3 0 0 0-4.2 0l-2.4 2.4a3 3 0 0 0 4.2 4.2l.9-.9',
} as const;

interface StepProps {
  readonly id: string;
  readonly words: string;
  readonly keys: string;
  readonly path: string;
  act(): void;
}

/** Going forward makes no sense while the newest is shown. */
function Step({ id, words, keys, path, act }: StepProps) {
  return (
    <button
      type="button"
      class={id.startsWith('far') ? 'far' : ''}
      data-testid={id}
      aria-label={words}
      title={`${words} (${keys})`}
      disabled={id.endsWith('forward') && !isReplay.value}
      onClick={act}
    >
      <StepIcon path={path} />
    </button>
  );
}

/** What is selected, and what can be done with it. */
function Selection({ app }: { readonly app: App }) {
  const selected = range.value;
  return (
    <>
      <button type="button" class="button wide" data-testid="go-to" onClick={() => (dialog.value = { kind: 'goto' })}>
        Go to… <kbd>G</kbd>
      </button>
      {selected === null ? (
        <span class="hint wide">Drag to select a range</span>
      ) : (
        <button
          type="button"
          class="button selected wide"
          data-testid="selected"
          title="Export this range (X)"
          onClick={() => (dialog.value = { kind: 'export' })}
        >
          {`${clock(selected[0])} – ${clock(selected[1])}`}
          <kbd>X</kbd>
        </button>
      )}
      <button
        type="button"
        class="button wide"
        data-testid="copy-link"
        aria-label="Copy a link to this moment"
        title="Copy a link to this moment (Y)"
        onClick={() => void app.copyLink()}
      >
        <StepIcon path={paths.link} />
        <kbd>Y</kbd>
      </button>
    </>
  );
}

function Message({ retry }: { readonly retry: () => void }) {
  const words = useComputed(() => problem.value ?? (isReplay.value ? null : explanation(phase.value, location.host)));
  const waiting = useComputed(() => phase.value.name === 'connecting' && problem.value === null);
  const canRetry = useComputed(() => phase.value.retryInMs !== null);
  if (words.value !== null) {
    return (
      <p class={waiting.value ? 'message' : 'message attn'} data-testid="message">
        <span title={words.value}>{words.value}</span>
        {canRetry.value && (
          <button type="button" class="button" data-testid="retry" onClick={retry}>
            Retry now <kbd>R</kbd>
          </button>
        )}
      </p>
    );
  }

  if (isOutdated.value) {
    return (
      <p class="message" data-testid="outdated">
        <span>{`The server is now ${serverVersion.value}. This page reloads when it is hidden.`}</span>
        <button type="button" class="button" onClick={() => location.reload()}>
          Reload now
        </button>
      </p>
    );
  }

  return notice.value === null ? null : (
    <p class="message" data-testid="notice">
      <span>{notice.value}</span>
    </p>
  );
}

/** Windows longer than what the page holds need a recorder. */
const shownWindows = computed(() => windows.filter(({ ms }) => ms <= heldMs || recorder.value !== null));

function Windows({ app }: { readonly app: App }) {
  return (
    <div class="segments windows" role="group" aria-label="Length of the window">
      {shownWindows.value.map((item) => (
        <button
          key={item.ms}
          type="button"
          data-testid={`window-${item.label.replace(' ', '')}`}
          aria-pressed={windowMs.value === item.ms}
          onClick={() => app.setWindow(item.ms)}
        >
          {item.label}
        </button>
      ))}
    </div>
  );
}
