// What happens to a simulated gateway besides requests: endpoints change, configurations are reloaded, breakers are forced.
import { selectEndpoints } from './endpoint-place.ts';
import type { SimulatedNetwork } from './network.ts';
import type { EventAction, ScenarioEvent } from './scenario.ts';
import type { SimulatedGateway } from './simulated-gateway.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface Stage {
  readonly time: VirtualTime;
  readonly gateway: SimulatedGateway;
  readonly network: SimulatedNetwork;
}

function act(action: EventAction, round: number, { time, gateway, network }: Stage): void {
  if (action.kind === 'reload') gateway.apply(action.models[round % action.models.length]);
  else if (action.kind === 'force') {
    const { backend, endpoint, to } = action;
    gateway.state.force({ backend, endpoint, force: to });
  } else {
    const urls = selectEndpoints(action.of, gateway.model.backends);
    const undo = urls.map((url) => network.at(url).change(action.change));
    if (action.forMs === undefined) return;
    time.after(action.forMs, () => {
      for (const each of undo) each();
    });
  }
}

export function scheduleEvents(events: readonly ScenarioEvent[], stage: Stage): void {
  for (const { atMs, everyMs, action } of events) {
    let round = 0;
    const happen = (): void => {
      if (everyMs !== undefined) stage.time.after(everyMs, happen);
      act(action, round++, stage);
    };
    stage.time.at(atMs, happen);
  }
}
