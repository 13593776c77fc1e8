// One WebSocket at a time, dialled anew whenever it ends, for as long as the page is open.
import { longestRetryMs, retryDelayMs } from './backoff';
import type { TimelineEvent } from './timeline';
import { decode, type Message, WireError } from './wire';

/** At most one request for a snapshot in so many ms: the server allows 20 messages a second and a hello is large. */
const resyncEveryMs = 10_000;

/** Seconds over which the rate of the stream is averaged. */
const rateSeconds = 10;

export interface ConnectionHandlers {
  event(event: TimelineEvent): void;
  message(message: Message): void;
  /** A message that this page cannot read. */
  unreadable(error: WireError): void;
  /** Number of attempts since the last sample. */
  attempts(): number;
}

export class Connection {
  readonly #url: string;
  readonly #handlers: ConnectionHandlers;
  readonly #received = new Float64Array(rateSeconds);
  #topics: readonly string[];
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #resyncAt = -Infinity;
  #rateSecond = 0;

  constructor(url: string, topics: readonly string[], handlers: ConnectionHandlers) {
    this.#url = url;
    this.#topics = topics;
    this.#handlers = handlers;
  }

  /** Dials now, whatever was planned. Does nothing while a connection is open or being opened. */
  dial(): void {
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#timer = null;
    }

    if (this.#socket !== null) {
      return;
    }

    this.#handlers.event({ type: 'dial', at: performance.now() });
    const topics = this.#topics;
    const socket = new WebSocket(`${this.#url}?topics=${this.#topics.join(',')}`);
    this.#socket = socket;
    socket.addEventListener('open', () => {
      if (this.#socket === socket) {
        this.#handlers.event({ type: 'open', at: performance.now() });
        if (topics !== this.#topics) {
          this.#send({ type: 'subscribe', topics: this.#topics });
        }
      }
    });
    socket.addEventListener('message', (message: MessageEvent<unknown>) => {
      if (this.#socket === socket && typeof message.data === 'string') {
        this.#receive(message.data);
      }
    });
    socket.addEventListener('close', (event) => {
      if (this.#socket === socket) {
        this.#ended(event.code);
      }
    });
  }

  /** Gives the open connection up, because it is silent, and dials anew after the usual wait. */
  drop(): void {
    const socket = this.#socket;
    if (socket !== null) {
      this.#ended(1006);
      socket.close();
    }
  }

  /** Chooses what the server sends, on this connection and on those that follow it. */
  subscribe(topics: readonly string[]): void {
    if (topics.join() !== this.#topics.join()) {
      this.#topics = topics;
      this.#send({ type: 'subscribe', topics });
    }
  }

  /** Asks for a snapshot, because frames are missing or did not fit. */
  resync(): void {
    const now = performance.now();
    if (this.#socket?.readyState === WebSocket.OPEN && now - this.#resyncAt >= resyncEveryMs) {
      this.#resyncAt = now;
      this.#send({ type: 'resync' });
    }
  }

  /** Bytes received a second, over the last ten seconds. */
  rate(): number {
    this.#roll();
    return this.#received.reduce((sum, bytes) => sum + bytes, 0) / rateSeconds;
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  #receive(text: string): void {
    let message: Message | null;
    try {
      message = decode(text);
    } catch (error) {
      if (!(error instanceof WireError)) {
        throw error;
      }

      this.#handlers.unreadable(error);
      return;
    }

    // The snapshot at the beginning is not part of the stream's rate. Messages are ASCII but for names.
    if (message?.type !== 'hello') {
      const second = this.#roll();
      this.#received[second] = (this.#received[second] ?? 0) + text.length;
    }

    if (message !== null) {
      this.#handlers.message(message);
    }
  }

  #ended(code: number): void {
    this.#socket = null;
    // A server that refuses what this page says will refuse it again: no hurry.
    const random = Math.random();
    const retryInMs = code === 1008 ? longestRetryMs : retryDelayMs(this.#handlers.attempts() - 1, random);
    this.#handlers.event({ type: 'close', at: performance.now(), code, retryInMs });
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.dial();
    }, retryInMs);
  }

  /** Moves the buckets of the rate on; returns the current one. */
  #roll(): number {
    const second = Math.floor(performance.now() / 1000);
    for (let s = Math.max(this.#rateSecond + 1, second - rateSeconds + 1); s <= second; s++) {
      this.#received[s % rateSeconds] = 0;
    }

    this.#rateSecond = second;
    return second % rateSeconds;
  }
}
