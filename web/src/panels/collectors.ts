// What Hostscope itself costs on this host, source by source, and what it cannot read here and why.
import { effect } from '@preact/signals';
import type { Palette } from '../chart/palette';
import { element, TextCell } from '../dom';
import { cost, missing } from '../format';
import type { Column, History } from '../history';
import { capabilities } from '../state';
import type { View } from '../view';
import type { Capability } from '../wire';
import { collectorDuration, collectorSuccess, tickLateness } from './collector-metrics';
import type { Panel } from './panel';
import { LiveTable } from './table';

interface Collector {
  readonly name: string;
  readonly duration: Column;
  readonly success: Column | undefined;
}

export class Collectors implements Panel {
  readonly root: HTMLElement;
  readonly #table: LiveTable;
  readonly #summary: TextCell;
  #collectors: Collector[] = [];
  #lateness: Column | undefined;
  #version = -1;

  constructor(palette: Palette) {
    const summary = element('span', 'panel-note');
    this.#summary = new TextCell(summary);
    this.#table = new LiveTable(
      'Collectors and what they cost',
      [
        { head: 'Collector', kind: 'name' },
        { head: 'state', kind: 'number', width: '16%' },
        { head: 'time', kind: 'bar', width: '18%', hint: 'wall time in this sample, of the time of all collectors' },
        { head: '60 s', kind: 'trend', width: '18%', hint: 'its time over the last minute' },
        { head: 'slowest', kind: 'number', width: '16%', hint: 'the longest time in the window' },
      ],
      'text3',
      palette,
    );
    const list = element('dl', 'unavailable');
    list.dataset['testid'] = 'unavailable';
    const title = element('h2', 'panel-title', 'Sources');
    this.root = element('section', 'panel', element('div', 'panel-head', title, summary), this.#table.root, list);
    effect(() => {
      list.replaceChildren(...capabilities.value.filter((item) => !item.available).flatMap(describe));
    });
  }

  draw(view: View): void {
    this.#refresh(view.history);
    this.#table.draw(view);
  }

  read(view: View): void {
    this.#refresh(view.history);
    this.root.hidden = this.#collectors.length === 0 && capabilities.value.length === 0;
    const total = this.#collectors.reduce((sum, item) => sum + (item.duration.values[view.at] || 0), 0);
    this.#table.write(
      this.#collectors.map((item) => {
        const seconds = item.duration.values[view.at] ?? NaN;
        return {
          trend: item.duration,
          cells: [
            { text: item.name },
            { text: stateText(item.success?.values[view.at] ?? NaN) },
            { text: cost(seconds), share: seconds / total },
            { text: '' },
            { text: cost(slowest(item.duration, view)) },
          ],
        };
      }),
    );
    const late = this.#lateness?.values[view.at] ?? NaN;
    const parts = this.#collectors.length === 0 || view.at < 0 ? [] : [`${cost(total)} a sample`];
    this.#summary.write([...parts, ...(Number.isNaN(late) ? [] : [`begun ${cost(late)} late`])].join(' · '));
  }

  #refresh(history: History): void {
    if (history.version === this.#version) {
      return;
    }

    this.#version = history.version;
    this.#lateness = history.column(tickLateness);
    this.#collectors = history.columnsOf(collectorDuration).map((column) => {
      const name = column.series.labels['hostscope.collector'] ?? '';
      return { name, duration: column, success: history.column(collectorSuccess, column.series.labels) };
    });
  }
}

function stateText(value: number): string {
  return Number.isNaN(value) ? missing : value > 0 ? 'ok' : 'failed';
}

function slowest(column: Column, view: View): number {
  let most = NaN;
  for (let i = view.from; i < view.to; i++) {
    const value = column.values[i] ?? NaN;
    most = value > most || Number.isNaN(most) ? value : most;
  }

  return most;
}

function describe(capability: Capability): Node[] {
  const words = element('dd', '', element('p', '', capability.reason ?? 'not available on this host'));
  if (capability.remedy !== null) {
    words.append(element('p', 'remedy', capability.remedy));
  }

  return [element('dt', '', capability.name), words];
}
