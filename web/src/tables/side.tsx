import { useComputed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { clock } from '../format';
import { replayTime } from '../past/now';
import { side } from '../settings';
import { shownTime, tab } from '../state';
import * as choices from './choices';
import { shapes } from './lines';

const shapeWords = { flat: 'Flat', tree: 'Tree', cgroup: 'Cgroup' } as const;

/** Id of the field that `/` goes to. */
export const filterId = 'process-filter';

/** The head of the right column: what it shows, and how. */
export function SideHead() {
  const current = useComputed(() => (tab.value === 'tracks' ? side.value : tab.value));
  return (
    <div class="side-head">
      <div class="segments sides" role="group" aria-label="Right column">
        <button
          type="button"
          data-testid="side-processes"
          aria-pressed={side.value === 'processes'}
          onClick={() => (side.value = 'processes')}
        >
          Processes <span class="count">{choices.processCount.value}</span>
        </button>
        <button
          type="button"
          data-testid="side-host"
          aria-pressed={side.value === 'host'}
          onClick={() => (side.value = 'host')}
        >
          Host
        </button>
      </div>
      <span class="spring" />
      <div class="process-tools" data-for={current.value}>
        <div class="segments" role="group" aria-label="Shape of the process table">
          {shapes.map((shape) => (
            <button
              key={shape}
              type="button"
              data-testid={`shape-${shape}`}
              aria-pressed={choices.shape.value === shape}
              onClick={() => (choices.shape.value = shape)}
            >
              {shapeWords[shape]}
            </button>
          ))}
        </div>
        <FilterField />
      </div>
    </div>
  );
}

const filterHelp =
  'Words of name and arguments, user:name, cg:part, pid:1,2, state:D, cpu>0.5, mem>1g, io>10m; ! before a term: not';

function FilterField() {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (field.current !== null) {
      field.current.value = choices.filterText.value;
    }
  });
  const text = choices.filterText.value;
  return (
    <div class={text === '' ? 'filter' : 'filter active'}>
      <input
        ref={field}
        id={filterId}
        type="text"
        placeholder="Filter"
        aria-label="Filter processes"
        aria-describedby="filter-problem"
        title={filterHelp}
        autocomplete="off"
        spellcheck={false}
        maxLength={200}
        data-testid="process-filter"
        onInput={(event) => (choices.filterText.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            choices.filterText.value = '';
            event.currentTarget.blur();
            event.stopPropagation();
          } else if (event.key === 'Enter' || event.key === 'ArrowDown') {
            event.preventDefault();
            document.querySelector<HTMLElement>('[data-testid=process-table]')?.focus();
          }
        }}
      />
      <kbd aria-hidden="true">{text === '' ? '/' : 'Esc'}</kbd>
    </div>
  );
}

/** What the process table says about all processes together. */
export function ProcessNote() {
  const problem = choices.filterProblem.value;
  const facts = choices.processNote.value;
  const when = replayTime.value !== null ? `at ${clock(replayTime.value)}` : shownTime.value !== null ? 'now' : '';
  return (
    <p class="process-note" data-testid="process-note">
      <span class="note-facts">{[when, facts].filter((part) => part !== '' && part !== null).join(': ')}</span>
      <span class="spring" />
      <span id="filter-problem" class={problem === null ? 'held' : 'attn'} data-testid="process-held">
        {problem ?? choices.heldNote.value ?? ''}
      </span>
    </p>
  );
}
