export { sameWeights, type Weights } from "../istio/weights";
