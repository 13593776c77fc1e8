import { clock, date, duration } from '../format';
import { isEmpty, recorder, replay, windowProblem } from '../past/now';
import type { Replay } from '../past/replay';

/** Says what is special about the moment that is shown: nothing was recorded, or only minutes are kept. */
export function PastNote({ going }: { readonly going: Replay }) {
  const shown = replay.value;
  const problem = shown?.problem ?? windowProblem.value;
  if (problem !== null) {
    return (
      <p class="past-note attn" data-testid="past-note" role="status">
        {problem}
      </p>
    );
  }

  if (shown === null) {
    return null;
  }

  const { moment } = shown;
  if (isEmpty(moment)) {
    const before = moment?.t ?? moment?.noData?.before ?? null;
    const after = moment?.t === null ? (moment.noData?.after ?? null) : (moment?.after ?? null);
    return (
      <div class="past-note" data-testid="past-note" role="status">
        <p>
          <b>{`Nothing was recorded at ${clock(shown.at)}.`}</b> {moment?.noData?.reason ?? reasonOf(before, after)}
        </p>
        {before !== null && (
          <button type="button" class="button" data-testid="data-before" onClick={() => going.enter(before, true)}>
            {`‹ ${whenOf(before, shown.at)}`}
          </button>
        )}
        {after !== null && (
          <button type="button" class="button" data-testid="data-after" onClick={() => going.enter(after, true)}>
            {`${whenOf(after, shown.at)} ›`}
          </button>
        )}
      </div>
    );
  }

  if (moment !== null && moment.resolution >= 60_000) {
    const kept = recorder.value?.tiers[0]?.maxAge ?? 0;
    const words = kept > 0 ? ` Single seconds are kept for ${duration(kept / 1000)} at most.` : '';
    return (
      <p class="past-note" data-testid="past-note" role="status">
        <b>Older than the one-second detail.</b>
        {` Values are of a whole minute: average, with its minimum and maximum as a band.${words} `}
        Processes: the last table of that minute.
      </p>
    );
  }

  return null;
}

function reasonOf(before: number | null, after: number | null): string {
  const isKnown = before !== null && after !== null;
  return isKnown ? `The recorder has no sample from ${clock(before)} to ${clock(after)}.` : '';
}

/** A time of day, with its date when that is another day. */
function whenOf(time: number, shown: number): string {
  return date(time) === date(shown) ? clock(time) : `${date(time)}, ${clock(time)}`;
}
