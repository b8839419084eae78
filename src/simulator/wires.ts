// Every wire the simulator speaks, in the order in which a request is tried against them.

import type { FoundOperation, RequestHead, Wire } from './wire.ts';
import { createAnthropicWire } from './wires/anthropic/anthropic.ts';
import { createAzureWire } from './wires/azure/azure.ts';
import { createBedrockWire } from './wires/bedrock/bedrock.ts';
import { createGeminiWire } from './wires/gemini/gemini.ts';
import { createOpenaiWire } from './wires/openai.ts';

export interface FoundWire {
  readonly wire: Wire;
  readonly operation: FoundOperation;
}

export class Wires {
  private readonly openai = createOpenaiWire();
  private readonly others: readonly Wire[] = [
    createAnthropicWire(),
    createGeminiWire(),
    createBedrockWire(),
    createAzureWire(),
  ];

  find(head: RequestHead): FoundWire {
    for (const wire of this.others) {
      const operation = wire.find(head);
      if (operation !== undefined) return { wire, operation };
    }
    return { wire: this.openai, operation: this.openai.find(head) ?? { kind: 'echo' } };
  }

  /** For what belongs to no wire: control paths, bodies too large. */
  get plain(): Wire {
    return this.openai;
  }
}
