// A wrong use: the compiler must refuse it, and say where.
import { load } from "./everything.mjs";

const table = await load();
table.decide({ destination: "FR" });
