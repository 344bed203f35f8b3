/**
 * Okabe and Ito's colours, which people with any kind of colour blindness can tell apart; lighter ones on a dark
 * ground.
 */
const LIGHT = ["#0072b2", "#c24f00", "#00805c", "#b0568a", "#8a6100", "#2f87b8", "#5a5a5a", "#7a3e9d"];
const DARK = ["#5fb8f0", "#ff9a52", "#3fd0a4", "#eba7cd", "#f0c75e", "#a9dcf7", "#c0c0c0", "#c9a2e6"];

function variables(colours: readonly string[]): string {
  return colours.map((colour, index) => `--v${index}:${colour}`).join(";");
}

const OF_VERSIONS = LIGHT.map(
  (_, index) =>
    `path.v${index}{stroke:var(--v${index})}.mark.v${index}{fill:var(--v${index});stroke:var(--ground)}text.v${index}{fill:var(--v${index})}.legend .v${index} span{background:var(--v${index})}`,
).join("\n");

/** The style of a report's page and of the plot in it. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#fff;--ink:#1c2024;--faint:#5d666f;--rule:#dfe3e8;--even:#f3f5f8;--odd:#e9edf2;--back:#fbe9df;--good:#00694c;--bad:#b33c00;--waiting:#7a5600;${variables(LIGHT)}}
@media (prefers-color-scheme:dark){:root{--ground:#14171a;--ink:#e6e9ec;--faint:#9aa4ae;--rule:#31373d;--even:#1a1e22;--odd:#21262b;--back:#3a2418;--good:#4fd3ab;--bad:#ff9a66;--waiting:#ebc35f;${variables(DARK)}}}
@media print{:root{color-scheme:light}details{display:block}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.5rem 4rem;max-width:70rem;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
header{border-left:6px solid var(--faint);padding:.2rem 0 .2rem 1rem}
header.good{border-color:var(--good)}header.bad{border-color:var(--bad)}header.waiting{border-color:var(--waiting)}
h1{margin:0;font-size:1.5rem;line-height:1.3;overflow-wrap:anywhere}
h2{margin:2.2rem 0 .6rem;font-size:1.15rem}
.run{margin:0;color:var(--faint)}
.facts{display:flex;flex-wrap:wrap;gap:.8rem 2.2rem;margin:1.4rem 0}
.facts div{min-width:0}dt{color:var(--faint);font-size:.85rem}dd{margin:0;font-weight:600;overflow-wrap:anywhere}
.legend{display:flex;flex-wrap:wrap;gap:1.2rem;list-style:none;margin:1rem 0 .4rem;padding:0}
.legend span{display:inline-block;width:1.4em;height:.35em;margin-right:.5em;vertical-align:middle;border-radius:2px}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.35rem .8rem .35rem 0;border-bottom:1px solid var(--rule)}
th{color:var(--faint);font-weight:500}
td.good{color:var(--good);font-weight:600}td.bad{color:var(--bad);font-weight:600}td.waiting{color:var(--waiting);font-weight:600}
td.time{white-space:nowrap;color:var(--faint)}td.metrics{color:var(--faint);font-size:.85em;max-width:22rem;overflow-wrap:anywhere}
details{margin:1.4rem 0}summary{cursor:pointer;color:var(--faint)}
.plot{display:block;width:100%;height:auto;font-size:12px}
.plot text{fill:var(--faint);stroke:none}
.plot .title{fill:var(--ink);font-size:13px;font-weight:600}
.plot .step{fill:var(--ink)}
.plot .end{font-weight:600}
.grid{stroke:var(--rule);stroke-width:1}
.band.even{fill:var(--even)}.band.odd{fill:var(--odd)}.band.back{fill:var(--back)}
.line{fill:none;stroke-width:2;stroke-linejoin:round}
.desired{fill:none;stroke-width:1.2;stroke-dasharray:5 3}
.mark{stroke-width:1}
line.turn{stroke-width:1.5;stroke-dasharray:2 3}
line.turn.good{stroke:var(--good)}line.turn.bad{stroke:var(--bad)}line.turn.note{stroke:var(--waiting)}
.plot text.turn{font-weight:600}.plot text.turn.good{fill:var(--good)}.plot text.turn.bad{fill:var(--bad)}.plot text.turn.note{fill:var(--waiting)}
${OF_VERSIONS}
.plot text.end{fill:currentColor}
${LIGHT.map((_, index) => `.plot text.end.v${index}{fill:var(--v${index})}`).join("\n")}
`.trim();
