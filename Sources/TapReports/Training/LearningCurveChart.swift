// A chart of accuracy by the number of images of each class.

import TapSelection

/// Learning curves on the same held-out images.
package struct LearningCurveChart {
  private let curves: [(name: String, curve: LearningCurve)]

  /// Creates a chart of these curves. The legend shows their names and is drawn only for several curves.
  package init(_ curves: [(name: String, curve: LearningCurve)]) { self.curves = curves }

  package var chart: LineChart {
    LineChart(
      title: "Accuracy by images of each class",
      summary: "The accuracy on held-out images after training on few and on many images of each class.",
      horizontalTitle: "training images of each class", horizontal: .logarithmic,
      verticalTitle: "accuracy on held-out images, % (95 % intervals)", intervals: .band,
      series: curves.map { name, curve in
        LineChart.Series(
          name,
          curve.points.map {
            LineChart.Point(x: Double($0.rowsPerClass), y: $0.mean, interval: $0.interval)
          })
      })
  }
}
