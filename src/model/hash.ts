// One short name for what a model does: equal for documents that only moved or were commented, different for any other change.
import { createHash } from 'node:crypto';
import { canonicalText } from './canonical-text.ts';
import type { GatewayModel } from './gateway-model.ts';

/** SHA-256 in hex of the model without its origins. Secrets take part, so that a changed key is a change; they cannot be read back. */
export function hashModel(model: GatewayModel): string {
  return createHash('sha256').update(canonicalText(model)).digest('hex');
}
