import type { ComponentChildren } from 'preact';
import type { Theme } from '../settings';

function Icon({ children }: { readonly children: ComponentChildren }) {
  return (
    <svg
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export function Logo() {
  return (
    <svg viewBox="0 0 20 20" fill="none" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <circle class="logo-ring" cx="10" cy="10" r="8.6" stroke-width="1.7" />
      <path class="logo-pulse" d="M2.4 10.7h3.8L8.2 5.6l3.3 9.2 2-4.1h4.1" stroke-width="1.6" />
    </svg>
  );
}

export function ThemeIcon({ theme }: { readonly theme: Theme }) {
  if (theme === 'dark') {
    return (
      <Icon>
        <path d="M16.5 11.8A7 7 0 0 1 8.2 3.5a7 7 0 1 0 8.3 8.3Z" />
      </Icon>
    );
  }

  if (theme === 'light') {
    return (
      <Icon>
        <circle cx="10" cy="10" r="3.4" />
        <path d="M10 2.2v1.6M10 16.2v1.6M2.2 10h1.6M16.2 10h1.6" />
        <path d="M4.5 4.5l1.1 1.1M14.4 14.4l1.1 1.1M4.5 15.5l1.1-1.1M14.4 5.6l1.1-1.1" />
      </Icon>
    );
  }

  return (
    <Icon>
      <circle cx="10" cy="10" r="6.8" />
      <path d="M10 3.2a6.8 6.8 0 0 1 0 13.6Z" fill="currentColor" />
    </Icon>
  );
}

export function HelpIcon() {
  return (
    <Icon>
      <circle cx="10" cy="10" r="7.2" />
      <path d="M7.9 8a2.1 2.1 0 1 1 3.2 1.8c-.7.4-1.1.8-1.1 1.6M10 13.9v.1" />
    </Icon>
  );
}

export function PersonIcon() {
  return (
    <Icon>
      <circle cx="10" cy="6.8" r="3" />
      <path d="M3.8 16.6c.7-3 3.2-4.6 6.2-4.6s5.5 1.6 6.2 4.6" />
    </Icon>
  );
}

export function TracksIcon() {
  return (
    <Icon>
      <rect x="3" y="3.5" width="14" height="5.5" rx="1.5" />
      <rect x="3" y="11" width="14" height="5.5" rx="1.5" />
      <path d="M6 6.2h.1M6 13.8h.1" />
    </Icon>
  );
}

export function HostIcon() {
  return (
    <Icon>
      <rect x="3" y="3.5" width="14" height="10" rx="1.5" />
      <path d="M7 17h6M10 13.5V17" />
    </Icon>
  );
}

export function ProcessesIcon() {
  return (
    <Icon>
      <path d="M3 5h14M3 10h14M3 15h14" />
    </Icon>
  );
}

export function CgroupsIcon() {
  return (
    <Icon>
      <path d="M3.5 3.5h5v5h-5zM11.5 3.5h5v5h-5zM3.5 11.5h5v5h-5zM11.5 11.5h5v5h-5z" />
    </Icon>
  );
}

/** An icon of strokes. */
export function StepIcon({ path }: { readonly path: string }) {
  return (
    <Icon>
      <path d={path} />
    </Icon>
  );
}

/** Two filled bars: the page stands still. */
export function PauseIcon() {
  return (
    <svg viewBox="0 0 12 12" fill="currentColor" aria-hidden="true">
      <path d="M2 1h3v10H2zM7 1h3v10H7z" />
    </svg>
  );
}
