// Active health checks of a simulation: a probe meets an endpoint as a connection of its own does, beside the queue of its work.
import type { Probe, ProbeAnswer, ProbeTarget } from '../control/health/probe.ts';
import type { SimulatedNetwork } from './network.ts';
import type { ProbeEnding } from './simulated-endpoint.ts';

function toAnswer(ending: ProbeEnding, { check }: ProbeTarget): ProbeAnswer {
  if (ending.kind !== 'answered') return { reason: ending.kind === 'refused' ? 'connect-failed' : 'reset', status: 0 };
  const { status } = ending;
  const { probe } = check;
  const isGood = probe.kind === 'tcp' || probe.expected.some(({ from, to }) => status >= from && status <= to);
  return { reason: isGood ? 'none' : 'status', status };
}

export function createSimulatedProbe(network: SimulatedNetwork): Probe {
  return (target, done) => {
    const url = new URL(target.url);
    if (target.check.port !== undefined) url.port = String(target.check.port);
    return network.at(url.origin).probe(target.check.probe.kind, (ending) => done(toAnswer(ending, target)));
  };
}
