// A line chart as a value: the content of the chart, without its drawing.

import TapMetrics
import TapText

/// One or more series of points, with optional intervals. The horizontal axis shows layers or numbers.
package struct LineChart: Sendable, Hashable {
  /// The quantity on the horizontal axis.
  package enum HorizontalScale: Sendable, Hashable {
    /// Names in the given order, such as layers by depth. The x of a point is an index into the names.
    case categories([String])
    case linear
    /// Numbers on a logarithmic scale. Points whose x is 0 or less are left out.
    case logarithmic
  }

  /// The quantity on the vertical axis.
  package enum VerticalUnit: Sendable, Hashable {
    /// Shares from 0 to 1, shown in percent.
    case share
    /// Any numbers, shown unchanged. The axis title states their unit.
    case number
  }

  /// The style of intervals.
  package enum IntervalStyle: Sendable, Hashable {
    case whiskers
    /// A filled band, for many points on one line.
    case band
  }

  /// A point of a series. A point is left out if a coordinate is not finite.
  package struct Point: Sendable, Hashable {
    package var x: Double
    package var y: Double
    /// The 95 % interval of the point.
    package var interval: ConfidenceInterval?
    /// A text above the plot that highlights the point: `chosen: blocks.10, 84.2 %`.
    package var mark: String?

    package init(x: Double, y: Double, interval: ConfidenceInterval? = nil, mark: String? = nil) {
      self.x = x
      self.y = y
      self.interval = interval
      self.mark = mark
    }

    /// Creates a point at a share of counted items, with the Wilson interval of the share.
    package init(x: Double, _ share: Proportion, mark: String? = nil) {
      self.init(x: x, y: share.value, interval: share.interval(), mark: mark)
    }
  }

  /// A series of points, connected in the given order.
  package struct Series: Sendable, Hashable {
    /// The name in the legend. Only a chart with several series has a legend.
    package var name: String
    package var points: [Point]

    package init(_ name: String, _ points: [Point]) {
      self.name = name
      self.points = points
    }
  }

  /// The title above the chart, which is also the chart's name for a screen reader.
  package var title: String
  /// One sentence that describes the chart for readers who cannot see it.
  package var summary: String
  /// The title of the horizontal axis, with the unit: `images per class`.
  package var horizontalTitle: String
  package var horizontal: HorizontalScale
  /// The title of the vertical axis, with the unit: `accuracy, %`.
  package var verticalTitle: String
  package var vertical: VerticalUnit
  package var intervals: IntervalStyle
  package var series: [Series]

  package init(
    title: String, summary: String, horizontalTitle: String, horizontal: HorizontalScale,
    verticalTitle: String, vertical: VerticalUnit = .share, intervals: IntervalStyle = .whiskers,
    series: [Series]
  ) {
    self.title = title
    self.summary = summary
    self.horizontalTitle = horizontalTitle
    self.horizontal = horizontal
    self.verticalTitle = verticalTitle
    self.vertical = vertical
    self.intervals = intervals
    self.series = series
  }

  /// The points that can be drawn, in a list for each series.
  var drawn: [[Point]] {
    series.map { series in
      series.points.filter { point in
        guard point.x.isFinite, point.y.isFinite else { return false }
        switch horizontal {
        case .categories(let names): return names.indices.contains(Int(exactly: point.x) ?? -1)
        case .linear: return true
        case .logarithmic: return point.x > 0
        }
      }
    }
  }

  /// A point's horizontal position as text.
  func xText(_ point: Point) -> String {
    if case .categories(let names) = horizontal { return names[Int(point.x)] }
    return NumberText.significant(point.x)
  }

  /// A point's vertical position as text: `81.2 % (76.9-84.8)`.
  func yText(_ point: Point) -> String {
    func text(_ value: Double) -> String {
      vertical == .share ? NumberText.percent(value) : NumberText.significant(value)
    }
    let interval = point.interval.map { " (\(text($0.lower))-\(text($0.upper)))" } ?? ""
    return text(point.y) + (vertical == .share ? " %" : "") + interval
  }
}
