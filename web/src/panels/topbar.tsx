import { useComputed } from '@preact/signals';
import { auth } from '../access';
import { bytes, duration } from '../format';
import { nextTheme, theme } from '../settings';
import { dialog, host, newestTime, phase } from '../state';
import { HelpIcon, Logo, PersonIcon, ThemeIcon } from './icons';
import { shortCpu, shortSystem } from './names';

/** What does not change while the machine runs, and the page's own switches. */
export function TopBar() {
  const facts = host.value;
  const up = useComputed(() => {
    const boot = host.value?.bootUnixMs ?? null;
    return boot === null || newestTime.value === null ? null : duration((newestTime.value - boot) / 1000);
  });
  const dot = useComputed(() => phase.value.name);
  const kernel = facts?.kernel?.split(' ') ?? [];
  const memory = facts?.memoryBytes === null || facts === null ? null : bytes(facts.memoryBytes);
  return (
    <header class="topbar">
      <span class="brand">
        <Logo />
        <span class="brand-name">Hostscope</span>
      </span>
      {facts !== null && (
        <h1 class="host-chip" data-testid="host-name">
          <span class={`dot ${dot.value}`} />
          {facts.name}
        </h1>
      )}
      {facts !== null && (
        <ul class="facts" aria-label="Host">
          {shortSystem(facts) !== null && <li>{shortSystem(facts)}</li>}
          {kernel.length > 0 && (
            <li>
              <span class="dim">{kernel[0]}</span> {kernel.slice(1).join(' ')}
            </li>
          )}
          {facts.cpuModel !== null && (
            <li title={facts.cpuModel}>
              {facts.cpuThreads} <span class="dim">×</span> {shortCpu(facts.cpuModel)}
            </li>
          )}
          {memory !== null && <li>{`${memory.value} ${memory.unit}`}</li>}
          {up.value !== null && (
            <li data-testid="uptime" class="uptime">
              <span class="dim">up</span> {up.value}
            </li>
          )}
        </ul>
      )}
      <span class="spring" />
      {auth.value?.user !== null && auth.value !== null && (
        <button
          type="button"
          class="account"
          data-testid="account-menu"
          aria-label={`Account: ${auth.value.user}`}
          onClick={() => (dialog.value = { kind: 'account' })}
        >
          <PersonIcon />
          <span>{auth.value.user}</span>
        </button>
      )}
      <button
        type="button"
        class="icon-button"
        data-testid="theme"
        aria-label={`Theme: ${theme.value}. Change`}
        title={`Theme: ${theme.value} (T)`}
        onClick={nextTheme}
      >
        <ThemeIcon theme={theme.value} />
      </button>
      <button
        type="button"
        class="icon-button"
        data-testid="help"
        aria-label="Keyboard"
        title="Keyboard (?)"
        onClick={() => (dialog.value = { kind: 'keys' })}
      >
        <HelpIcon />
      </button>
    </header>
  );
}
