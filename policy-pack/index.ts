import { readVirtualService } from "./liveObject";
import { makePack } from "./pack";

makePack(readVirtualService);
