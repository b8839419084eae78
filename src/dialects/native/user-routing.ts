// The section `user_routing`: who asks decides where a request goes and what is promised of it. A map of rules by name.
import type { Route } from '../../model/route.ts';
import { s } from '../../schema/builder.ts';
import type { Reading } from './reading.ts';
import { RULE, readRule } from './rules.ts';
import type { NativeScope } from './scope.ts';

export const USER_ROUTING = s.record(RULE, 'Rules by name: which users go where, and what they are promised.');

const SECTION = 'user_routing';

export function translateUserRouting(value: unknown, reading: Reading, scope: NativeScope): readonly Route[] {
  return reading
    .members(value, [SECTION])
    .flatMap(([name, member, path]) => readRule(`${SECTION}.${name}`, member, { reading, scope, path }));
}
