// A chart as SVG text for an HTML page. The page's style sheet (HTMLDocument+Style) has the colors for light and dark
// systems. Series differ by color, shape and dashes, so that readers need not distinguish colors.

import TapText

extension LineChart {
  /// Colors and shapes repeat after this many series.
  static let styleCount = 8

  /// The chart as an SVG image.
  ///
  /// - Parameters:
  ///   - width: the width in pixels, at least 240.
  ///   - id: an identifier that is unique on the page. The identifier links the image to its name and description.
  ///   - htmlClass: further HTML classes of the element.
  package func svg(width: Double = 760, id: String, htmlClass: String = "") -> String {
    let layout = ChartLayout(self, width: width)
    let size = "\(n(layout.width)) \(n(layout.height))"
    var svg =
      "<svg class=\"chart \(htmlClass)\" viewBox=\"0 0 \(size)\" "
      + "width=\"\(n(layout.width))\" height=\"\(n(layout.height))\" role=\"img\" "
      + "aria-labelledby=\"\(id)-title \(id)-desc\">\n"
      + "<title id=\"\(id)-title\">\(HTMLDocument.escaped(title))</title>\n"
      + "<desc id=\"\(id)-desc\">\(HTMLDocument.escaped(summary))</desc>\n"
    svg += axes(layout)
    if intervals == .band { for (index, points) in layout.points.enumerated() { svg += band(index, points) } }
    for mark in layout.marks {
      svg +=
        "<line class=\"lead\" x1=\"\(n(mark.point.x))\" y1=\"\(n(layout.top))\" "
        + "x2=\"\(n(mark.point.x))\" y2=\"\(n(mark.point.y))\"/>\n"
    }
    let drawn = drawn
    for index in series.indices { svg += line(index, layout.points[index], drawn[index]) }
    for mark in layout.marks {
      let style = mark.series % Self.styleCount
      svg +=
        "<circle class=\"ring s\(style)\" cx=\"\(n(mark.point.x))\" cy=\"\(n(mark.point.y))\" r=\"8\"/>\n"
      svg += text(mark.label, "mark", anchor: mark.anchor.rawValue)
    }
    for (index, label) in layout.legend.enumerated() { svg += legend(index, label) }
    return svg + "</svg>\n"
  }

  // MARK: - Parts

  private func axes(_ layout: ChartLayout) -> String {
    var svg = ""
    for label in layout.yLabels {
      let y = n(label.y)
      svg +=
        "<line class=\"grid\" x1=\"\(n(layout.left))\" y1=\"\(y)\" x2=\"\(n(layout.right))\" y2=\"\(y)\"/>\n"
      svg +=
        "<text class=\"tick\" x=\"\(n(label.x))\" y=\"\(n(label.y + 4))\" text-anchor=\"end\">"
        + "\(HTMLDocument.escaped(label.text))</text>\n"
    }
    let (axis, below) = (n(layout.bottom), n(layout.bottom + 5))
    svg +=
      "<line class=\"axis\" x1=\"\(n(layout.left))\" y1=\"\(axis)\" x2=\"\(n(layout.right))\" y2=\"\(axis)\"/>\n"
    for x in layout.xTicks {
      svg += "<line class=\"axis\" x1=\"\(n(x))\" y1=\"\(axis)\" x2=\"\(n(x))\" y2=\"\(below)\"/>\n"
    }
    for label in layout.xLabels {
      switch layout.turn {
      case .level: svg += text(label, "tick", anchor: "middle")
      case .slanted: svg += text(label, "tick", anchor: "end", turned: -45, shift: 4)
      case .upright: svg += text(label, "tick", anchor: "end", turned: -90, shift: 4)
      }
    }
    for label in layout.horizontalTitle { svg += text(label, "title", anchor: "middle") }
    for label in layout.verticalTitle { svg += text(label, "title", anchor: "start") }
    return svg
  }

  private func band(_ index: Int, _ points: [ChartLayout.PlacedPoint]) -> String {
    let ends = points.compactMap { point in
      point.top.flatMap { top in point.bottom.map { (x: point.x, top: top, bottom: $0) } }
    }
    guard !ends.isEmpty else { return "" }
    let outline =
      ends.map { "\(n($0.x)),\(n($0.top))" } + ends.reversed().map { "\(n($0.x)),\(n($0.bottom))" }
    return
      "<polygon class=\"band s\(index % Self.styleCount)\" points=\"\(outline.joined(separator: " "))\"/>\n"
  }

  private func line(_ index: Int, _ placed: [ChartLayout.PlacedPoint], _ points: [Point]) -> String {
    let style = index % Self.styleCount
    var svg = "<g class=\"s\(style)\">\n"
    if intervals == .whiskers {
      for point in placed {
        guard let top = point.top, let bottom = point.bottom else { continue }
        let (x, low, high) = (n(point.x), n(bottom), n(top))
        let (a, b) = (n(point.x - 3), n(point.x + 3))
        svg += "<path class=\"whisker\" d=\"M\(x) \(low)V\(high)M\(a) \(low)H\(b)M\(a) \(high)H\(b)\"/>\n"
      }
    }
    if placed.count > 1 {
      let path = placed.map { "\(n($0.x)),\(n($0.y))" }.joined(separator: " ")
      svg += "<polyline class=\"line d\(style % 3)\" points=\"\(path)\"/>\n"
    }
    for (place, point) in zip(placed, points) {
      let name = series.count > 1 ? series[index].name + ", " : ""
      svg +=
        "<g><title>\(HTMLDocument.escaped("\(name)\(xText(point)): \(yText(point))"))</title>"
        + dot(style, x: place.x, y: place.y) + "</g>\n"
    }
    return svg + "</g>\n"
  }

  private func legend(_ index: Int, _ label: ChartLayout.Label) -> String {
    let style = index % Self.styleCount
    let y = label.y - 4
    return "<g class=\"s\(style)\"><line class=\"line d\(style % 3)\" x1=\"\(n(label.x))\" y1=\"\(n(y))\" "
      + "x2=\"\(n(label.x + 22))\" y2=\"\(n(y))\"/>" + dot(style, x: label.x + 11, y: y) + "</g>"
      + text(
        ChartLayout.Label(x: label.x + 28, y: label.y, text: label.text, whole: label.whole), "key",
        anchor: "start")
  }

  /// A point: a circle, a square, a diamond or a triangle.
  private func dot(_ style: Int, x: Double, y: Double) -> String {
    switch style % 4 {
    case 1: "<rect class=\"dot\" x=\"\(n(x - 3.5))\" y=\"\(n(y - 3.5))\" width=\"7\" height=\"7\"/>"
    case 2: "<path class=\"dot\" d=\"M\(n(x)) \(n(y - 5))l5 5l-5 5l-5 -5z\"/>"
    case 3: "<path class=\"dot\" d=\"M\(n(x)) \(n(y - 5))l4.6 8.4h-9.2z\"/>"
    default: "<circle class=\"dot\" cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"4\"/>"
    }
  }

  private func text(
    _ label: ChartLayout.Label, _ htmlClass: String, anchor: String, turned degrees: Int = 0,
    shift: Double = 0
  ) -> String {
    let (x, y) = (n(label.x + shift), n(label.y))
    let turn = degrees == 0 ? "" : " transform=\"rotate(\(degrees) \(x) \(y))\""
    let whole = label.whole.map { "<title>\(HTMLDocument.escaped($0))</title>" } ?? ""
    return "<text class=\"\(htmlClass)\" x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\"\(turn)>"
      + "\(whole)\(HTMLDocument.escaped(label.text))</text>\n"
  }

  /// A coordinate as text, rounded to a tenth of a pixel, which is precise enough.
  private func n(_ value: Double) -> String {
    let text = NumberText.fixed(value, digits: 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
