import { useComputed } from '@preact/signals';
import { age, clock, duration, figures } from '../format';
import type { KeyBinding } from '../keys';
import { recorder, replayTime } from '../past/now';
import type { Recorder } from '../past/recorder';
import { dialog, heldMs, intervalMs, newestTime, phase, streamRate } from '../state';
import { PauseIcon } from './icons';

const words = {
  connecting: 'Connecting',
  live: 'Live',
  late: 'Live',
  stale: 'Stale',
  reconnecting: 'Reconnecting',
  offline: 'Offline',
} as const;

/** State in words, age of the sample, rate of the stream, and the keys that are used most. */
export function Footer({ keys }: { readonly keys: readonly KeyBinding[] }) {
  const name = useComputed(() => phase.value.name);
  const sample = useComputed(() => (phase.value.ageMs === null ? '' : ` · sample ${age(phase.value.ageMs)} old`));
  const rate = useComputed(() => ` · stream ${figures(streamRate.value / 1000)} kB/s`);
  const held = useComputed(() => {
    const step = `${intervalMs.value / 1000} s samples`;
    return recorder.value !== null
      ? keptWords(recorder.value, newestTime.value)
      : heldMs.value === 0 ? '' : `${step}, ${duration(heldMs.value / 1000)} held by this page`;
  });
  return (
    <footer class="footer">
      {replayTime.value !== null && (
        <span class="state replay" data-testid="footer-replay">
          <PauseIcon />
          {`Replay · the whole page shows ${clock(replayTime.value)}`}
          {recorder.value?.state === 'recording' ? ' · recording goes on' : ''}
        </span>
      )}
      <span class={`state ${name.value}`} data-testid="footer-state" hidden={replayTime.value !== null}>
        <span class={`dot ${name.value}`} />
        {words[name.value]}
        {sample.value}
        {rate.value}
      </span>
      <span class="held">{held.value}</span>
      <span class="spring" />
      <span class="keys">
        {keys
          .filter((binding) => binding.brief !== undefined)
          .map((binding) => (
            <span key={binding.words}>
              {(binding.print ?? binding.keys).map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}{' '}
              {binding.brief}
            </span>
          ))}
        <span>
          <kbd>?</kbd>{' '}
          <button type="button" class="plain" onClick={() => (dialog.value = { kind: 'keys' })}>
            all keys
          </button>
        </span>
      </span>
    </footer>
  );
}

/** Since when seconds and minutes are kept, or why nothing is being recorded. */
function keptWords({ state, reason, tiers }: Recorder, newest: number | null): string {
  if (state !== 'recording' && reason !== null) {
    return `Not recording: ${reason}`;
  }

  const spans = tiers.flatMap(({ resolution, oldest }) => {
    const unit = resolution < 60_000 ? `${resolution / 1000} s` : resolution < 3_600_000 ? '1 min' : '1 h';
    return oldest === null || newest === null ? [] : [`${unit} kept ${duration((newest - oldest) / 1000)}`];
  });
  return spans.slice(0, 2).join(' · ');
}
