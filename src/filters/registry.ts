// Every filter, one line each. The order of lines is the order inside a stage.
import type { FilterDefinition } from '../pipeline/filter.ts';
import { directResponse } from './direct-response.ts';
import { redirect } from './redirect.ts';
import { requestHeaderModify } from './request-header-modify.ts';
import { requestSizeLimit } from './request-size-limit.ts';
import { responseHeaderModify } from './response-header-modify.ts';
import { urlRewrite } from './url-rewrite.ts';

/** The configuration's type is known only inside each definition: it is parsed by that definition's own schema before `compile`. */
export type AnyFilterDefinition = FilterDefinition<never>;

export const filterRegistry: readonly AnyFilterDefinition[] = [
  requestSizeLimit,
  requestHeaderModify,
  responseHeaderModify,
  redirect,
  directResponse,
  urlRewrite,
].map((definition) => definition as unknown as AnyFilterDefinition);
