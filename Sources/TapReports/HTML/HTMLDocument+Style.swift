// The style of pages. Colors are custom properties with two values: one for light and one for dark systems.

extension HTMLDocument {
  /// The style sheet: one part that every page uses, and one part for each kind of content.
  static let style = [pageStyle, tableStyle, chartStyle, matrixStyle, thumbnailStyle].joined(separator: "\n")

  private static let pageStyle = """
    :root { color-scheme: light dark; --page: #fff; --ink: #1b1f24; --soft: #59636e; --line: #8884; --fill: #8881;
      --mark: #2a7de122; --bar: #2a7de1; --hit: #2a7de1; --miss: #d9480f; --warn: #b35900;
      --c0: #1a6fd6; --c1: #c2500a; --c2: #16803c; --c3: #8f3fb8; --c4: #a07800; --c5: #00808a; --c6: #c0266b; --c7: #5f6b7a; }
    @media screen and (prefers-color-scheme: dark) {
      :root { --page: #14171b; --ink: #e4e7eb; --soft: #9aa4b0; --mark: #4d9bff2e; --bar: #5aa5ff; --hit: #3d8ef2;
        --miss: #f0702e; --warn: #ffb14a;
        --c0: #5aa5ff; --c1: #ff9752; --c2: #4fc978; --c3: #cd8cf2; --c4: #dcb53c; --c5: #3fc4ce; --c6: #ff7db0; --c7: #a7b2bf; }
    }
    * { box-sizing: border-box; }
    body { font: 16px/1.5 system-ui, sans-serif; background: var(--page); color: var(--ink); max-width: 72rem;
      margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
    h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .75rem; }
    nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0 0 1.25rem; font-size: .875rem; }
    a { color: var(--bar); text-decoration: none; } a:hover { text-decoration: underline; }
    h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
    h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
    p { max-width: 46rem; margin: .5rem 0; text-wrap: pretty; }
    p.lead { font-size: 1.2rem; font-weight: 600; line-height: 1.4; max-width: 60rem; }
    p.warning { border-left: 3px solid var(--warn); padding-left: .75rem; }
    pre { background: var(--fill); border: 1px solid var(--line); border-radius: 6px; padding: .75rem; margin: .5rem 0;
      font: .875rem/1.5 ui-monospace, monospace; white-space: pre-wrap; }
    pre span { display: inline-block; max-width: 100%; vertical-align: top; unicode-bidi: isolate; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; }
    dt { color: var(--soft); } dd { margin: 0; min-width: 0; }
    details { margin: .5rem 0 1rem; } summary { cursor: pointer; color: var(--soft); }
    @media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
    @media print { * { print-color-adjust: exact; } body { margin: 0; max-width: none; } .table { overflow: visible; } nav { display: none; } }
    """

  private static let tableStyle = """
    .table { overflow-x: auto; margin: .5rem 0; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    th, td { text-align: left; padding: .25rem .75rem; border-bottom: 1px solid var(--line); max-width: min(26rem, 50vw);
      overflow-wrap: break-word; }
    th { color: var(--soft); font-weight: 500; vertical-align: bottom; }
    .number { text-align: right; white-space: nowrap; } th.number { white-space: normal; }
    .share { white-space: nowrap; }
    .marked { background: var(--mark); font-weight: 600; }
    .bar { display: inline-block; position: relative; width: 8rem; height: .7rem; margin-right: .75rem;
      background: var(--line); border-radius: 2px; }
    .bar i { position: absolute; top: 0; bottom: 0; background: var(--bar); opacity: .45; border-radius: 2px; }
    .bar b { position: absolute; top: -2px; bottom: -2px; width: 2px; margin-left: -1px; background: var(--bar); }
    @media (max-width: 40rem) { table { font-size: .875rem; } th, td { padding: .25rem .4rem; } .bar { width: 3rem; margin-right: .4rem; } }
    """

  private static let chartStyle = """
    .figure { margin: 1rem 0 .25rem; } figcaption { font-weight: 600; }
    .chart { display: block; max-width: 100%; height: auto; font: 12px system-ui, sans-serif; overflow: visible; }
    .chart text { fill: var(--ink); unicode-bidi: plaintext; } .chart .tick, .chart .title { fill: var(--soft); }
    .chart .mark { font-weight: 600; }
    .chart .grid { stroke: var(--line); } .chart .axis { stroke: var(--soft); }
    .chart .lead { stroke: var(--soft); stroke-dasharray: 2 3; }
    .chart .line { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; }
    .chart .d1 { stroke-dasharray: 7 4; } .chart .d2 { stroke-dasharray: 2 3; }
    .chart .dot { fill: var(--c); stroke: var(--page); } .chart .ring { fill: none; stroke: var(--c); stroke-width: 2; }
    .chart .whisker { fill: none; stroke: var(--c); opacity: .6; } .chart .band { fill: var(--c); opacity: .16; }
    .s0 { --c: var(--c0); } .s1 { --c: var(--c1); } .s2 { --c: var(--c2); } .s3 { --c: var(--c3); }
    .s4 { --c: var(--c4); } .s5 { --c: var(--c5); } .s6 { --c: var(--c6); } .s7 { --c: var(--c7); }
    .narrow { display: none; }
    @media (max-width: 40rem) { .wide { display: none; } .narrow { display: block; width: 100%; max-width: 30rem; } }
    """

  private static let matrixStyle = """
    .beside { display: flex; flex-wrap: wrap; gap: 0 2.5rem; align-items: flex-start; } .beside > div { max-width: 100%; }
    .beside h3 { margin-top: .5rem; }
    .matrix table { font-size: .8125rem; } .matrix th, .matrix td { max-width: none; }
    .matrix td { text-align: center; padding: 0 .2rem; min-width: 1.9rem; height: 1.9rem; border: 1px solid var(--line);
      background: color-mix(in srgb, var(--shade) calc(var(--s) * 1%), transparent); }
    .matrix td { --shade: var(--miss); } .matrix td.hit { --shade: var(--hit); } .matrix td.rest { font-style: italic; }
    .matrix th { border: 0; padding: .1rem .5rem; color: var(--ink); }
    .matrix tbody th { text-align: right; vertical-align: middle; position: sticky; left: 0; background: var(--page); }
    .matrix th > span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .matrix tbody th > span { max-width: min(16rem, 32vw); }
    .matrix thead th { padding: .25rem .5rem; text-align: center; } .matrix thead th.turned { padding: .25rem 0; }
    .matrix thead th > span { max-width: 9rem; }
    .matrix thead .turned > span { writing-mode: vertical-rl; transform: rotate(180deg); max-width: none; max-height: 9rem;
      margin: auto; }
    .matrix .corner { color: var(--soft); font-weight: 400; text-align: right; }
    .heat { width: min(100%, 34rem); height: auto; border: 1px solid var(--line); display: block; margin: .5rem 0; }
    .heat .hit { fill: var(--hit); } .heat .miss { fill: var(--miss); }
    """

  private static let thumbnailStyle = """
    .thumbnails { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: 1.25rem 1rem; margin: 1rem 0; }
    .thumbnails figure { margin: 0; font-size: .8125rem; line-height: 1.35; min-width: 0; }
    .thumbnails img, .thumbnails .gone { display: flex; width: 100%; height: 8rem; object-fit: contain; background: var(--fill);
      border-radius: 4px; align-items: center; justify-content: center; text-align: center; color: var(--soft); padding: 0; }
    .thumbnails .image { position: relative; }
    .thumbnails .crop { position: absolute; top: 0; left: 0; width: 100%; height: 8rem; }
    .thumbnails .crop rect { fill: none; stroke: #fff; stroke-width: 1.5; stroke-dasharray: 4 3; vector-effect: non-scaling-stroke;
      filter: drop-shadow(0 0 1px #000); }
    .thumbnails .tiny { image-rendering: pixelated; }
    .thumbnails figcaption { font-weight: 400; margin-top: .35rem; }
    .thumbnails figcaption span { display: block; }
    .clip { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
    .thumbnails .path { color: var(--soft); font-size: .75rem; }
    .thumbnails em { font-style: normal; color: var(--soft); }
    """
}
