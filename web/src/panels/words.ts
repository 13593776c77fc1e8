// Sentences about where the page stands, from the phase alone.
import { age, duration } from '../format';
import type { Phase } from '../timeline';

/** Waiting for less than this needs no words, ms. */
const patienceMs = 200;

/** The word in the pill. */
export function pillWord(phase: Phase): string {
  switch (phase.name) {
    case 'live':
    case 'late':
      return 'LIVE';
    case 'stale':
      return `STALE ${duration((phase.ageMs ?? 0) / 1000)}`;
    case 'reconnecting':
      return 'RECONNECTING';
    case 'offline':
      return 'OFFLINE';
    case 'connecting':
      return 'CONNECTING';
  }
}

/** What is wrong and what the page does about it; null while there is nothing to say. */
export function explanation(phase: Phase, address: string): string | null {
  const wait = retryWords(phase);
  const seen = phase.ageMs === null ? '' : ` Last sample ${duration(phase.ageMs / 1000)} ago.`;
  switch (phase.name) {
    case 'live':
    case 'late':
      return null;
    case 'connecting':
      return phase.waitedMs < patienceMs ? null : `Waiting for ${address}, ${age(phase.waitedMs)} so far.`;
    case 'stale':
      return `No sample for ${duration((phase.ageMs ?? 0) / 1000)}. Connected, but the host does not sample.`;
    case 'reconnecting':
      return phase.ageMs === null
        ? `${address} does not answer. ${wait}`
        : `${phase.closedCleanly ? 'The server is going down.' : 'The connection was lost.'}${seen} ${wait}`;
    case 'offline': {
      const why = phase.closedCleanly ? 'The server was stopped.' : `${address} does not answer.`;
      return `${why}${seen} ${wait}`;
    }
  }
}

/** What a screen reader announces when the phase changes: no numbers that count. */
export function announcement(phase: Phase): string {
  switch (phase.name) {
    case 'live':
    case 'late':
      return 'Live';
    case 'stale':
      return 'Stale: no new samples';
    case 'reconnecting':
      return 'Connection lost, reconnecting';
    case 'offline':
      return 'Offline, the page shows the last samples';
    case 'connecting':
      return '';
  }
}

function retryWords(phase: Phase): string {
  if (phase.retryInMs === null) {
    return `Attempt ${phase.attempt} …`;
  }

  return `Attempt ${phase.attempt + 1} in ${duration(Math.ceil(phase.retryInMs / 1000))}.`;
}
