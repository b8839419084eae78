// The section `size_based_routing`: large bodies to targets made for them. A body whose length is not declared (chunked) counts as
// larger than every bound: whoever takes the large ones takes it.
import type { Route } from '../../model/route.ts';
import { s } from '../../schema/builder.ts';
import type { Reading } from './reading.ts';
import { RULE, readRuleSection } from './rules.ts';
import type { NativeScope } from './scope.ts';

export const SIZE_BASED_ROUTING = s.object(
  { rules: s.array(RULE, 'Conditions with content_length; a chunked body counts as larger than every bound.') },
  'Which requests go where by the length of their bodies.',
);

export function translateSizeBasedRouting(value: unknown, reading: Reading, scope: NativeScope): readonly Route[] {
  return readRuleSection('size_based_routing', value, reading, scope);
}
