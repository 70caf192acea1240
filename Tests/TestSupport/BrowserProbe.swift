// A page that measures another page. It opens the other page in frames and measures its layout there.

import TapFormats

/// A page with frames of several widths, each of which shows the same file.
struct Probe {
  let file: String
  let widths: [Int]

  var html: String {
    let frames = widths.map {
      "<iframe width=\"\($0)\" height=\"900\" src=\"file://\(Self.encoded(file))\"></iframe>"
    }
    return """
      <!DOCTYPE html><html><head><meta charset="utf-8"><style>iframe { border: 0; }</style></head>
      <body>\(frames.joined())<pre id="result"></pre>
      <script>\(Self.script)</script></body></html>
      """
  }

  /// The measurements that the script wrote into the page.
  static func layouts(in page: String) throws -> [Browser.Layout] {
    guard let start = page.firstRange(of: "<pre id=\"result\">"), let end = page.firstRange(of: "</pre>")
    else {
      throw ToolError(description: "the probe left no result: \(page.prefix(2000))")
    }
    let text = page[start.upperBound..<end.lowerBound]
      .replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    return try (try JSONValue.parse(String(text)).arrayValue ?? []).map { value in
      func number(_ name: String) throws -> Int {
        guard let number = value[name]?.doubleValue else { throw ToolError(description: "no \(name)") }
        return Int(number)
      }
      return Browser.Layout(
        width: try number("width"), contentWidth: try number("contentWidth"),
        title: value["title"]?.stringValue ?? "", charts: try number("charts"),
        collisions: try value.array("collisions").compactMap(\.stringValue),
        images: try number("images"), brokenImages: try number("brokenImages"),
        backgroundBrightness: try number("background"), textBrightness: try number("text"))
    }
  }

  private static func encoded(_ path: String) -> String {
    path.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "%"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "\""), UInt8(ascii: "<"),
        0...32,
        127...:
        "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      default: String(UnicodeScalar(byte))
      }
    }.joined()
  }

  /// Texts may be rotated, so their outlines are compared as quadrangles. Two convex shapes do not touch if their
  /// projections on the normal of some edge do not touch.
  private static let script = """
    const corners = text => {
      const box = text.getBBox(), m = text.getScreenCTM(), e = 1;
      return [[box.x + e, box.y + e], [box.x + box.width - e, box.y + e],
        [box.x + box.width - e, box.y + box.height - e], [box.x + e, box.y + box.height - e]]
        .map(([x, y]) => [m.a * x + m.c * y + m.e, m.b * x + m.d * y + m.f]);
    };
    const apart = (a, b) => [a, b].some(shape => shape.some((p, i) => {
      const q = shape[(i + 1) % 4], n = [p[1] - q[1], q[0] - p[0]];
      const shadow = s => s.map(c => c[0] * n[0] + c[1] * n[1]);
      const [s, t] = [shadow(a), shadow(b)];
      return Math.max(...s) <= Math.min(...t) || Math.max(...t) <= Math.min(...s);
    }));
    const brightness = color => {
      const [r, g, b] = color.match(/[0-9.]+/g).map(Number);
      return 0.299 * r + 0.587 * g + 0.114 * b;
    };
    const measure = frame => {
      const page = frame.contentDocument, root = page.documentElement, collisions = [];
      const charts = [...page.querySelectorAll('svg.chart')].filter(svg => svg.getBoundingClientRect().width > 0);
      for (const svg of charts) {
        const frame = svg.getBoundingClientRect();
        const texts = [...svg.querySelectorAll('text')].filter(text => text.getBBox().width > 2);
        const shapes = texts.map(corners);
        texts.forEach((text, i) => {
          const r = text.getBoundingClientRect();
          if (r.left < frame.left - 3 || r.right > frame.right + 3 || r.top < frame.top - 3 || r.bottom > frame.bottom + 3)
            collisions.push('outside: ' + text.textContent);
          for (let j = 0; j < i; j++)
            if (!apart(shapes[i], shapes[j])) collisions.push(texts[j].textContent + ' / ' + text.textContent);
        });
      }
      const images = [...page.images], style = frame.contentWindow.getComputedStyle(page.body);
      return { width: frame.clientWidth, contentWidth: root.scrollWidth, title: page.title, charts: charts.length, collisions,
        images: images.filter(i => i.naturalWidth > 0).length,
        brokenImages: images.filter(i => i.naturalWidth === 0).length,
        background: brightness(style.backgroundColor), text: brightness(style.color) };
    };
    addEventListener('load', () => {
      document.getElementById('result').textContent = JSON.stringify([...document.querySelectorAll('iframe')].map(measure));
    });
    """
}
