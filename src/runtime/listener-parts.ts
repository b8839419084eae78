// What a listener is made of in one generation: shared by dispatch.ts, which lives it, and explain.ts, which tells it.

import type { Chain } from '../pipeline/chain.ts';
import type { PathRules } from '../wire/path-normal.ts';
import type { AiDirectory } from './ai-start.ts';
import type { CompiledRoute } from './compiled-route.ts';
import type { Logging } from './finish.ts';
import type { GatewayHealthParts } from './gateway-health.ts';
import type { Router } from './router/router.ts';

export interface ListenerParts {
  readonly name: string;
  readonly chain: Chain;
  readonly router: Router;
  readonly routes: readonly CompiledRoute[];
  readonly ai: AiDirectory;
  readonly logging: Logging;
  readonly path: PathRules;
  readonly health: GatewayHealthParts;
}

/** The generation as an exchange sees it: entered once, left once. */
export interface Generation {
  enter(): void;
  leave(): void;
}
