// Every proof about a merged model, in one list: step "validate" of a load. An error among them keeps the model from running.
import type { Finding } from './finding.ts';
import type { GatewayModel } from './gateway-model.ts';
import { checkAdmissionClasses } from './proofs/admission-classes.ts';
import { checkAliasChains } from './proofs/alias-chains.ts';
import { checkHedges } from './proofs/hedges.ts';
import { checkLocalities } from './proofs/localities.ts';
import { checkPatterns } from './proofs/patterns.ts';
import { checkReach } from './proofs/reach-findings.ts';
import { checkReferences, type KnownNames } from './proofs/references.ts';
import { checkReplicas } from './proofs/replicas.ts';
import { checkTenantKeys } from './proofs/tenant-keys.ts';
import { checkWeights } from './proofs/weights.ts';

/** `known`: what this build offers under a name; a Catalog. */
export function validateModel(model: GatewayModel, known: KnownNames): readonly Finding[] {
  return [
    ...checkReferences(model, known),
    ...checkPatterns(model),
    ...checkWeights(model),
    ...checkAliasChains(model.aliases),
    ...checkReach(model),
    ...checkReplicas(model),
    ...checkLocalities(model),
    ...checkAdmissionClasses(model),
    ...checkHedges(model),
    ...checkTenantKeys(model),
  ];
}
