// A chart of accuracy by the depth of the layer, which shows the best layer for a task.

import TapArchitectures
import TapMetrics
import TapProvenance

/// The results of columns, drawn in the order of the network's layers.
package struct DepthChart {
  /// The results of columns of one origin. The chart has a line for each pooling of these columns.
  package struct Curve {
    package var name: String
    package var results: [(column: Column, accuracy: Proportion)]
    /// The index in `results` of the chosen result.
    package var chosen: Int?

    package init(name: String, results: [(column: Column, accuracy: Proportion)], chosen: Int? = nil) {
      self.name = name
      self.results = results
      self.chosen = chosen
    }
  }

  package var title: String
  /// The name of the accuracies: `cross-validated accuracy`.
  package var measure: String
  /// The names of the layers by depth. Layers that are not in this list come last, in the order of the results.
  package var order: [String]
  package var curves: [Curve]

  package init(title: String, measure: String, order: [String], curves: [Curve]) {
    self.title = title
    self.measure = measure
    self.order = order
    self.curves = curves
  }

  /// The chart; nil if fewer than two layers are compared.
  package var chart: LineChart? {
    let taps = self.taps
    guard taps.count > 1 else { return nil }
    var series: [LineChart.Series] = []
    var best: [String] = []
    for curve in curves {
      let poolings = curve.results.map(\.column.pooling).filter { $0 != .none }.unique
      for pooling in poolings.isEmpty ? [.none] : poolings {
        var points: [LineChart.Point] = []
        for (index, result) in curve.results.enumerated() {
          // A layer whose activation is already a vector has no pooling. The line of every pooling ends with this
          // layer.
          guard [pooling, .none].contains(result.column.pooling) else { continue }
          let isMarked =
            index == curve.chosen && (result.column.pooling == pooling || pooling == poolings.first)
          let mark = isMarked ? text(curve, index) : nil
          if let mark { best.append(mark) }
          points.append(
            LineChart.Point(
              x: Double(taps.firstIndex(of: result.column.tap) ?? 0), result.accuracy, mark: mark))
        }
        let name =
          poolings.count <= 1
          ? curve.name : [curve.name, pooling.name].filter { !$0.isEmpty }.joined(separator: ", ")
        series.append(LineChart.Series(name, points.sorted { $0.x < $1.x }))
      }
    }
    return LineChart(
      title: title,
      summary: "The \(measure) of \(taps.count) layers, from \(taps[0]) to \(taps[taps.count - 1]). "
        + best.map { "Marked: \($0)." }.joined(separator: " "),
      horizontalTitle: "layer, from the input to the output", horizontal: .categories(taps),
      verticalTitle: "\(measure), % (95 % intervals)", series: series)
  }

  private func text(_ curve: Curve, _ index: Int) -> String {
    let result = curve.results[index]
    return "chosen: \(result.column.name), \(AccuracyText.share(result.accuracy)) "
      + "(\(AccuracyText.interval(result.accuracy)))"
  }

  private var taps: [String] {
    let named = curves.flatMap { $0.results.map(\.column.tap) }.unique
    return order.filter(named.contains) + named.filter { !order.contains($0) }
  }

  /// The layers by depth, starting with the input: the order recorded in the store, or otherwise the order of a
  /// built-in backbone. The value is empty for an unknown backbone without a recorded order.
  package static func order(_ layers: [String], of identity: BackboneIdentity?) -> [String] {
    let known =
      layers.isEmpty
      ? identity.flatMap { try? Architectures.layers(of: $0.backbone).layers.map(\.name) } ?? [] : layers
    return known.isEmpty ? [] : ["input"] + known
  }
}
