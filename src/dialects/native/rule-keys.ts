// Keys that routes and the rules of other sections have in common, beyond where their requests go: what the gateway promises of them,
// what it may hold of them in memory, what their target needs to run.
import { parseRatio } from '../../base/ratio.ts';
import type { Route } from '../../model/route.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { parsePercent } from './percent.ts';
import type { Reading } from './reading.ts';

/** As Kubernetes writes amounts: `4000m`, `8Gi`, `1`. */
const QUANTITY = /^\d+(?:\.\d+)?(?:[numkMGTPE]|[KMGTPE]i)?$/;

export const RULE_KEYS = {
  buffer_size: s.optional(
    s.bytes('Bodies up to this are held whole before an endpoint is asked, so they can be sent again; others stream.'),
  ),
  sla: s.optional(s.scalarText('Share of the requests that shall succeed, such as 99.9%.')),
  resources: s.optional(
    s.record(
      s.scalarText('Amount, such as 4000m or 8Gi.'),
      'What the target needs to run, by name (cpu, memory, gpu).',
    ),
  ),
};

const RULE = s.object(RULE_KEYS);
type Written = Infer<typeof RULE>;

interface Place {
  readonly reading: Reading;
  readonly path: Path;
}

/** A part of 1, below 1: without any failure allowed there is no budget of errors to spend. */
function readSla(text: string, { reading, path }: Place): number | undefined {
  const share = parseRatio(text) ?? parsePercent(text);
  const at = [...path, 'sla'];
  const wrong = (message: string) =>
    reading.error(at, { code: 'config.wrong-value', message, mend: 'write a share such as 99.9%' });
  if (share === undefined) wrong('expected a share such as 99.9%');
  else if (share > 1) wrong('more than 100% of the requests');
  else if (share === 1) wrong('100% leaves no error budget: the first failure would use it up');
  else {
    const message = 'gateway_route_sla_target shows it; the alert rule on its burn rate is not written for you yet';
    reading.note(at, { code: 'config.not-available', message });
    // 99.9 / 100 is not quite 0.999.
    return Number(share.toFixed(9));
  }
  return undefined;
}

function checkResources(resources: NonNullable<Written['resources']>, { reading, path }: Place): void {
  for (const [name, amount] of Object.entries(resources)) {
    if (QUANTITY.test(amount)) continue;
    const message = `"${amount}" is no amount`;
    const mend = 'write it as Kubernetes does, such as 500m or 8Gi';
    reading.error([...path, 'resources', name], { code: 'config.wrong-value', message, mend });
  }
}

export function readRuleKeys(written: Written, place: Place): Pick<Route, 'bufferBytes' | 'slaTarget' | 'resources'> {
  const { buffer_size: bufferBytes, sla, resources } = written;
  const slaTarget = sla === undefined ? undefined : readSla(sla, place);
  if (resources !== undefined) checkResources(resources, place);
  return {
    ...(bufferBytes !== undefined && { bufferBytes }),
    ...(slaTarget !== undefined && { slaTarget }),
    ...(resources !== undefined && { resources }),
  };
}
