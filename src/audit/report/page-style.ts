/** The look of the page, in light and dark, on a screen, a telephone and paper. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1b2430;--dim:#566273;--line:#d9dee6;--soft:#eef1f5;--accent:#1f5fbf;
--good:#176b3a;--good-bg:#e2f4e9;--mid:#7a5200;--mid-bg:#fdf0d2;--bad:#a3202b;--bad-bg:#fde6e7;--info:#1f4f9c;--info-bg:#e4edfb;--mark:#1f5fbf}
@media (prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1a2028;--ink:#e4e9f0;--dim:#a3afbf;--line:#323b48;--soft:#232b36;--accent:#7fb2ff;
--good:#7fdca3;--good-bg:#163524;--mid:#f2c76a;--mid-bg:#3a2d10;--bad:#ff9ba2;--bad-bg:#431b20;--info:#9cc3ff;--info-bg:#192f52;--mark:#7fb2ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main,header,footer{max-width:76rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2rem}
h1{font-size:1rem;font-weight:600;color:var(--dim);margin:0 0 .25rem}
h2{font-size:1.15rem;margin:0 0 .75rem}
h3{font-size:.95rem;margin:1.25rem 0 .5rem}
p{margin:.35rem 0}
a{color:inherit}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.86em}
code{overflow-wrap:anywhere}
section,.verdict{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.25rem;margin:1rem 0}
.verdict .word{font-size:2rem;font-weight:700;letter-spacing:-.02em;line-height:1.2}
.verdict .meaning{font-size:1.05rem;max-width:52rem}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin:1rem 0 0;padding:0}
.facts div{background:var(--soft);border-radius:8px;padding:.6rem .75rem}
.facts dt{color:var(--dim);font-size:.8rem}
.facts dd{margin:0;font-weight:600;overflow-wrap:anywhere}
.dim{color:var(--dim)}
.badge{display:inline-block;border-radius:999px;padding:.05rem .6rem;font-size:.78rem;font-weight:600;white-space:nowrap}
.good{background:var(--good-bg);color:var(--good)}.mid{background:var(--mid-bg);color:var(--mid)}
.bad{background:var(--bad-bg);color:var(--bad)}.info{background:var(--info-bg);color:var(--info)}.plain{background:var(--soft);color:var(--ink)}
details{border-top:1px solid var(--line);padding:.55rem 0}
details:first-of-type{border-top:0}
summary{cursor:pointer;border-radius:6px}
summary .what{font-weight:600}
summary .badge{margin-left:.4rem}
details .in{padding:.25rem 0 .25rem 1.1rem}
details details{border:0;padding:.3rem 0}
ul{margin:.35rem 0;padding-left:1.2rem}
li{margin:.15rem 0}
pre{background:var(--soft);border-radius:8px;padding:.8rem;margin:.5rem 0;overflow:auto;max-height:28rem;white-space:pre}
pre.wrap{white-space:pre-wrap;overflow-wrap:anywhere}
.scroll{overflow-x:auto;border-radius:8px}
.scroll:focus-visible,pre:focus-visible,summary:focus-visible,button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid var(--line)}
thead th{color:var(--dim);font-weight:600;font-size:.8rem;white-space:nowrap}
td:nth-child(2)>code{overflow-wrap:normal}
td.num,th.num{text-align:right;white-space:nowrap}
.matrix,.narrow{width:auto}
.matrix thead th{vertical-align:bottom}
.matrix td{text-align:center;color:var(--mark);min-width:2.6rem}
.matrix tbody th{font-weight:400}
.matrix .object th{background:var(--soft);font-weight:600}
.matrix td.none{color:var(--dim)}
.bar{display:flex;justify-content:space-between;align-items:center;gap:1rem;flex-wrap:wrap}
button{font:inherit;font-size:.85rem;color:var(--ink);background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.3rem .8rem;cursor:pointer}
button:hover{border-color:var(--accent)}
.hide{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
footer{color:var(--dim);font-size:.85rem;padding-bottom:2.5rem}
@media print{body{background:#fff}section,.verdict{break-inside:avoid}button{display:none}pre{max-height:none}}
`;

/** Copies the text that a button is for. Without it the page lacks that button and nothing else. */
export const PAGE_SCRIPT = `
for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = false;
  const told = document.getElementById('told');
  button.addEventListener('click', async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
      told.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(source);
      told.textContent = 'Selected: copy it with the keyboard';
    }
  });
}
`;
