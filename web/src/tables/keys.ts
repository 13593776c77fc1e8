import type { KeyBinding } from '../keys';
import { side } from '../settings';
import { tab } from '../state';
import * as choices from './choices';
import type { ProcessColumn } from './order';
import { filterId } from './side';

/** Widths at which the columns take turns; as in the style sheet. */
const narrow = '(max-width: 1279px)';

function showProcesses(): void {
  side.value = 'processes';
  if (matchMedia(narrow).matches) {
    tab.value = 'processes';
  }
}

/** Focuses something: at once, for what is typed next goes there, or in the next frame where it is out of sight yet. */
function focus(selector: string): void {
  const target = document.querySelector<HTMLElement>(selector);
  target?.focus();
  if (target === null || document.activeElement !== target) {
    requestAnimationFrame(() => document.querySelector<HTMLElement>(selector)?.focus());
  }
}

/** The keys of the tables. Those that act inside a table are bound there; the sheet shows them all. */
export function tableKeys(): KeyBinding[] {
  const group = 'Processes';
  const sorts: readonly (readonly [string, ProcessColumn])[] = [
    ['Shift C', 'cpu'], ['Shift M', 'memory'], ['Shift I', 'io'], ['Shift N', 'pid'],
  ];
  const done = (act: () => void) => (): boolean => {
    act();
    return true;
  };
  return [
    {
      keys: ['/'],
      group,
      words: 'filter by name, user:, cg:, state:, cpu>0.5 …',
      brief: 'filter',
      act: done(() => {
        showProcesses();
        focus(`#${filterId}`);
      }),
    },
    { keys: ['P'], group, words: 'flat, tree, by cgroup', brief: 'shape', act: done(choices.nextShape) },
    {
      keys: sorts.map(([key]) => key),
      print: ['Shift', 'C M I N'],
      group,
      words: 'sort by CPU, memory, disk, PID',
      act: (key) => {
        const by = sorts.find(([name]) => name === key)?.[1];
        if (by !== undefined) {
          choices.sortBy(by);
        }

        return by !== undefined;
      },
    },
    {
      keys: ['↑', '↓'],
      group,
      words: 'select a row; in tree and cgroups ← → fold it',
      act: () => {
        const isFree = document.activeElement === null || document.activeElement === document.body;
        if (isFree) {
          showProcesses();
          focus('[data-testid=process-table]');
        }

        return isFree;
      },
    },
    {
      keys: ['O'],
      group: 'Page',
      words: 'right column: processes, host',
      act: done(() => (side.value = side.value === 'processes' ? 'host' : 'processes')),
    },
  ];
}
