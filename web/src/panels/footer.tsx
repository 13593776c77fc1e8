import { useComputed } from '@preact/signals';
import { age, duration, figures } from '../format';
import type { KeyBinding } from '../keys';
import { dialog, heldMs, intervalMs, phase, streamRate } from '../state';

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
    return heldMs.value === 0 ? '' : `${step}, ${duration(heldMs.value / 1000)} held by this page`;
  });
  return (
    <footer class="footer">
      <span class={`state ${name.value}`} data-testid="footer-state">
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
              {binding.keys.map((key) => (
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
