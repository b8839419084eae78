// Nothing but the contract: there is no order to keep.
import { testBalancer } from '../balancer.contract.ts';
import { random } from './random.ts';

testBalancer(random, {}, { tolerance: 0.012 });
