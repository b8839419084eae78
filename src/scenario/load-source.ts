// Sends the requests of one load: at even or random distances, drawn from a mix, each from one of its clients.
import type { Load, RequestTemplate } from './scenario.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface LoadDeps {
  readonly time: VirtualTime;
  readonly random: () => number;
  send(request: RequestTemplate, client: number): void;
}

/** Draws with parts in proportion to the weights. */
function chooseOf({ mix }: Load, random: () => number): RequestTemplate {
  const total = mix.reduce((sum, { weight }) => sum + weight, 0);
  let left = random() * total;
  for (const { weight, request } of mix) {
    left -= weight;
    if (left < 0) return request;
  }
  return mix[mix.length - 1].request;
}

export function startLoad(load: Load, { time, random, send }: LoadDeps): void {
  const meanMs = 1000 / load.ratePerSecond;
  const nextAt = (atMs: number): void => {
    if (atMs >= load.untilMs) return;
    time.at(atMs, () => {
      send(chooseOf(load, random), Math.floor(random() * load.clients));
      nextAt(atMs + (load.arrivals === 'constant' ? meanMs : -meanMs * Math.log(1 - random())));
    });
  };
  nextAt(load.fromMs);
}
