// The section `model_routing`: requests to the targets that run the models they ask for, by a header, the path, or the model itself.
import type { Route } from '../../model/route.ts';
import { s } from '../../schema/builder.ts';
import type { Reading } from './reading.ts';
import { RULE, readRuleSection } from './rules.ts';
import type { NativeScope } from './scope.ts';

export const MODEL_ROUTING = s.object(
  { rules: s.array(RULE, 'Tried in the order of routes; of equal ones the first.') },
  'Which requests go to the targets of which models.',
);

export function translateModelRouting(value: unknown, reading: Reading, scope: NativeScope): readonly Route[] {
  return readRuleSection('model_routing', value, reading, scope);
}
