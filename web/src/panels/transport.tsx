import { useComputed } from '@preact/signals';
import { clock, date, zone } from '../format';
import { windowMs } from '../settings';
import { isOutdated, newestTime, notice, phase, problem, serverVersion, windows } from '../state';
import { announcement, explanation, pillWord } from './words';

/** Where the page stands in time, what that means, and the length of the window. */
export function Transport({ retry }: { readonly retry: () => void }) {
  return (
    <nav class="transport" aria-label="Time">
      <Pill />
      <Clock />
      <Message retry={retry} />
      <span class="spring" />
      <Windows />
    </nav>
  );
}

function Pill() {
  const name = useComputed(() => phase.value.name);
  const word = useComputed(() => pillWord(phase.value));
  const said = useComputed(() => announcement(phase.value));
  return (
    <span class={`pill ${name.value}`} data-testid="live-state" data-state={name.value}>
      <span class={`dot ${name.value}`} />
      <b>{word.value}</b>
      <span class="unseen" role="status">
        {said.value}
      </span>
    </span>
  );
}

function Clock() {
  const time = useComputed(() => (newestTime.value === null ? '--:--:--' : clock(newestTime.value)));
  const day = useComputed(() =>
    newestTime.value === null ? '' : `${date(newestTime.value)} · ${zone(newestTime.value)}`,
  );
  const old = useComputed(() => !['live', 'late'].includes(phase.value.name));
  return (
    <>
      <time class={old.value ? 'clock old' : 'clock'} data-testid="clock">
        {time.value}
      </time>
      <span class="date">{day.value}</span>
    </>
  );
}

function Message({ retry }: { readonly retry: () => void }) {
  const words = useComputed(() => problem.value ?? explanation(phase.value, location.host));
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

function Windows() {
  return (
    <div class="segments" role="group" aria-label="Length of the window">
      {windows.map((item) => (
        <button
          key={item.ms}
          type="button"
          data-testid={`window-${item.label.replace(' ', '')}`}
          aria-pressed={windowMs.value === item.ms}
          onClick={() => (windowMs.value = item.ms)}
        >
          {item.label}
        </button>
      ))}
    </div>
  );
}
