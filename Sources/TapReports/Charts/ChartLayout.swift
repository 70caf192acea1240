// The positions of all parts of a chart, as numbers. The code that draws the chart only writes these numbers.
// Coordinates are pixels of the image, and y grows downward.

import Glibc
import TapMetrics

/// The geometry of a ``LineChart`` at one width.
package struct ChartLayout: Equatable {
  /// The rotation of the horizontal axis's labels. The layout takes the first rotation that keeps the labels apart.
  package enum LabelTurn: Equatable {
    case level
    /// Labels turned by 45 degrees, which end below their tick.
    case slanted
    /// Labels turned by 90 degrees.
    case upright
  }

  package struct Label: Equatable {
    package let x: Double
    package let y: Double
    package let text: String
    /// The full text if `text` is shortened; otherwise nil.
    package var whole: String?
  }

  package struct PlacedPoint: Equatable {
    package let x: Double
    package let y: Double
    /// The upper end (`top`) and the lower end (`bottom`) of the point's interval.
    package var top: Double?
    package var bottom: Double?
  }

  package enum Anchor: String, Equatable {
    case start
    case middle
    case end
  }

  /// The text of a marked point, and the line from the text to the point.
  package struct Mark: Equatable {
    package let label: Label
    package let anchor: Anchor
    package let series: Int
    package let point: PlacedPoint
  }

  package static let fontSize = 12.0
  package static let lineHeight = 16.0
  /// Marks are bold. Bold text takes as much space as text in a larger font.
  private static let markSize = 1.12 * fontSize
  /// The gap between the text of a mark and the plot. The ring around a point on the plot's upper edge fits into this
  /// gap.
  private static let markGap = 14.0

  package let width: Double
  package private(set) var height = 0.0
  package private(set) var left = 0.0
  package private(set) var right = 0.0
  package private(set) var top = 0.0
  package private(set) var bottom = 0.0
  package private(set) var turn = LabelTurn.level
  package private(set) var xLabels: [Label] = []
  /// The positions of the horizontal axis's ticks, including ticks without a label.
  package private(set) var xTicks: [Double] = []
  package private(set) var yLabels: [Label] = []
  package private(set) var horizontalTitle: [Label] = []
  package private(set) var verticalTitle: [Label] = []
  package private(set) var legend: [Label] = []
  package private(set) var points: [[PlacedPoint]] = []
  package private(set) var marks: [Mark] = []

  private let slots: Int
  private let xRange: ClosedRange<Double>
  private let yRange: ClosedRange<Double>
  private let isLogarithmic: Bool

  /// - Parameter width: the width in pixels, at least 240.
  package init(_ chart: LineChart, width: Double) {
    self.width = width
    let drawn = chart.drawn
    let plotHeight = (width * 0.42).rounded().clamped(to: 190...300)
    let yAxis = Self.yAxis(chart, drawn, height: plotHeight)
    yRange = yAxis.range
    let xAxis = Self.xAxis(chart, drawn, width: width)
    xRange = xAxis.range
    isLogarithmic = chart.horizontal == .logarithmic
    if case .categories(let names) = chart.horizontal { slots = max(1, names.count) } else { slots = 0 }

    left = (yAxis.ticks.map { TextWidth.of($0.text, size: Self.fontSize) }.max() ?? 0) + 14
    right = width - 14
    placeTexts(chart, xAxis, slantedLimit: min(150, width / 3))
    bottom = top + plotHeight
    yLabels = yAxis.ticks.map { Label(x: left - 8, y: y($0.value), text: $0.text) }
    placeXLabels(chart, xAxis)
    points = drawn.enumerated().map { index, points in
      points.map { place($0, series: index, of: drawn.count, hasWhiskers: chart.intervals == .whiskers) }
    }
    placeMarks(drawn)
  }

  /// The vertical position of a value.
  package func y(_ value: Double) -> Double {
    bottom - (value - yRange.lowerBound) / (yRange.upperBound - yRange.lowerBound) * (bottom - top)
  }

  /// The horizontal position of a value or of a category's index.
  package func x(_ value: Double) -> Double {
    if slots > 0 { return left + (value + 0.5) / Double(slots) * (right - left) }
    let scaled = isLogarithmic ? log(value) : value
    let low = isLogarithmic ? log(xRange.lowerBound) : xRange.lowerBound
    let high = isLogarithmic ? log(xRange.upperBound) : xRange.upperBound
    return left + (scaled - low) / (high - low) * (right - left)
  }

  private func place(
    _ point: LineChart.Point, series: Int, of count: Int, hasWhiskers: Bool
  ) -> PlacedPoint {
    // Whiskers of several series are drawn side by side.
    let slot = slots > 0 ? (right - left) / Double(slots) : 40
    let step = min(7, slot * 0.7 / Double(count))
    let aside = hasWhiskers && count > 1 ? (Double(series) - Double(count - 1) / 2) * step : 0
    return PlacedPoint(
      x: x(point.x) + aside, y: y(point.y),
      top: point.interval.map { y(min($0.upper, yRange.upperBound)) },
      bottom: point.interval.map { y(max($0.lower, yRange.lowerBound)) })
  }

  // MARK: - Axes

  private static func yAxis(
    _ chart: LineChart, _ drawn: [[LineChart.Point]], height: Double
  ) -> AxisTicks {
    let values = drawn.joined().flatMap { point in
      [point.y] + (point.interval.map { [$0.lower, $0.upper] } ?? [])
    }.filter(\.isFinite)
    let range = (values.min() ?? 0)...(values.max() ?? 1)
    let count = Int(height / 45)
    switch chart.vertical {
    case .share:
      return .linear(enclosing: range, count: count, limits: 0...1, smallestSpan: 0.1, scale: 100)
    case .number: return .linear(enclosing: range, count: count)
    }
  }

  private static func xAxis(
    _ chart: LineChart, _ drawn: [[LineChart.Point]], width: Double
  ) -> AxisTicks {
    let values = drawn.joined().map(\.x)
    let range = (values.min() ?? 1)...(values.max() ?? 10)
    switch chart.horizontal {
    case .categories(let names):
      return AxisTicks(
        ticks: names.enumerated().map { AxisTicks.Tick(value: Double($0), text: $1) },
        range: 0...Double(max(1, names.count)))
    case .linear: return .linear(enclosing: range, count: Int(width / 90))
    case .logarithmic: return .logarithmic(enclosing: range)
    }
  }

  // MARK: - Text

  /// Places the texts above the plot, from the top down: the legend, the marks and the vertical axis's title.
  private mutating func placeTexts(_ chart: LineChart, _ xAxis: AxisTicks, slantedLimit: Double) {
    chooseTurn(xAxis, limit: slantedLimit)
    var y = Self.lineHeight
    if chart.series.count > 1 {
      var x = 4.0
      for series in chart.series {
        let name = TextWidth.fitted(series.name, width: width - 40, size: Self.fontSize)
        let needed = 30 + TextWidth.of(name, size: Self.fontSize)
        if x > 4, x + needed > width {
          x = 4
          y += Self.lineHeight + 2
        }
        legend.append(
          Label(x: x, y: y, text: name, whole: name == series.name ? nil : series.name))
        x += needed + 14
      }
      y += Self.lineHeight + 8
    }
    for line in TextWidth.lines(chart.verticalTitle, width: width - 8, size: Self.fontSize) {
      verticalTitle.append(Label(x: 4, y: y, text: line))
      y += Self.lineHeight
    }
    let marked = chart.drawn.joined().count { $0.mark != nil }
    y += marked == 0 ? 0 : Self.markGap + Double(marked) * Self.lineHeight
    top = y
  }

  private mutating func chooseTurn(_ xAxis: AxisTicks, limit: Double) {
    guard slots > 0 else { return }
    let widths = xAxis.ticks.map { TextWidth.of($0.text, size: Self.fontSize) }
    let slot = (right - left) / Double(slots)
    if (widths.max() ?? 0) + 8 <= slot { return }
    turn = slot >= 21 ? .slanted : .upright
    if turn == .slanted {
      // A slanted label extends to the left of its tick.
      for (index, width) in widths.enumerated() {
        let reach = min(width, limit) * 0.7072 + 6
        left = max(
          left,
          (reach - (Double(index) + 0.5) / Double(slots) * right)
            / (1 - (Double(index) + 0.5) / Double(slots)))
      }
    }
  }

  private mutating func placeXLabels(_ chart: LineChart, _ xAxis: AxisTicks) {
    let positions = xAxis.ticks.map { x($0.value) }
    xTicks = positions
    let limit = turn == .level ? right - left : min(150, width / 3)
    let texts = xAxis.ticks.map { TextWidth.fitted($0.text, width: limit, size: Self.fontSize) }
    let widths = texts.map { TextWidth.of($0, size: Self.fontSize) }
    let labeled = Self.spaced(positions, widths: widths, turn: turn)
    let below = bottom + (turn == .level ? 18 : 14)
    xLabels = labeled.map { index in
      let whole = xAxis.ticks[index].text
      return Label(
        x: positions[index], y: below, text: texts[index], whole: texts[index] == whole ? nil : whole)
    }
    let longest = labeled.map { widths[$0] }.max() ?? 0
    var y = bottom
    switch turn {
    case .level: y += 18
    case .slanted: y += 16 + longest * 0.7072
    case .upright: y += 16 + longest
    }
    for line in TextWidth.lines(chart.horizontalTitle, width: width - 8, size: Self.fontSize) {
      y += Self.lineHeight + 2
      horizontalTitle.append(Label(x: (left + right) / 2, y: y, text: line))
    }
    height = y + 10
  }

  /// The indices of every k-th label, with the smallest k that keeps the labels apart.
  private static func spaced(_ positions: [Double], widths: [Double], turn: LabelTurn) -> [Int] {
    for stride in 1...max(1, positions.count) {
      let chosen = Array(Swift.stride(from: 0, to: positions.count, by: stride))
      let isApart = zip(chosen, chosen.dropFirst()).allSatisfy { left, right in
        let distance = positions[right] - positions[left]
        switch turn {
        case .level: return distance >= (widths[left] + widths[right]) / 2 + 6
        case .slanted: return distance * 0.7072 >= lineHeight - 2
        case .upright: return distance >= lineHeight - 2
        }
      }
      if isApart { return chosen }
    }
    return positions.isEmpty ? [] : [0]
  }

  /// Places the texts of marked points. Each text has its own line between the axis title and the plot, as near to its
  /// point as possible.
  private mutating func placeMarks(_ drawn: [[LineChart.Point]]) {
    var line = top - Self.markGap - Double(drawn.joined().count { $0.mark != nil } - 1) * Self.lineHeight
    for (series, points) in drawn.enumerated() {
      for (index, point) in points.enumerated() {
        guard let text = point.mark else { continue }
        let placed = self.points[series][index]
        let shown = TextWidth.fitted(text, width: width - 16, size: Self.markSize)
        let half = TextWidth.of(shown, size: Self.markSize) / 2
        let anchor: Anchor
        let x: Double
        if placed.x - half >= 4, placed.x + half <= width - 4 {
          (anchor, x) = (.middle, placed.x)
        } else if placed.x < width / 2 {
          (anchor, x) = (.start, max(4, min(placed.x - 4, width - 4 - 2 * half)))
        } else {
          (anchor, x) = (.end, min(width - 4, max(placed.x + 4, 4 + 2 * half)))
        }
        marks.append(
          Mark(
            label: Label(x: x, y: line, text: shown, whole: shown == text ? nil : text), anchor: anchor,
            series: series, point: placed))
        line += Self.lineHeight
      }
    }
  }
}

extension Double {
  fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
