import TapMetrics
import TapProvenance
import TapReports
import Testing

struct DepthChartTests {
  private func result(_ tap: String, _ pooling: Pooling, _ hits: Int) -> (
    column: Column, accuracy: Proportion
  ) {
    (Column(tap: tap, pooling: pooling), Proportion(successes: hits, count: 100))
  }

  private func drawn(_ curves: [DepthChart.Curve]) -> LineChart? {
    DepthChart(
      title: "t", measure: "accuracy", order: ["stem", "blocks.0", "blocks.1", "avgpool"], curves: curves
    ).chart
  }

  @Test func layersStandInTheOrderOfTheNetwork() throws {
    let results = [result("blocks.1", .avg, 80), result("stem", .avg, 50), result("other", .avg, 10)]
    let chart = try #require(drawn([DepthChart.Curve(name: "", results: results, chosen: 0)]))
    #expect(chart.horizontal == .categories(["stem", "blocks.1", "other"]))
    #expect(chart.series.count == 1)
    #expect(chart.series[0].points.map(\.x) == [0, 1, 2])
    #expect(chart.series[0].points.map(\.y) == [0.5, 0.8, 0.1])
    #expect(chart.series[0].points.map(\.mark) == [nil, "chosen: blocks.1-avg, 80.0 % (71.1-86.7)", nil])
    #expect(chart.summary.contains("3 layers, from stem to other"))
  }

  @Test func everyPoolingHasALineThatEndsInTheVector() throws {
    let results = [
      result("stem", .avg, 50), result("stem", .max, 40), result("blocks.0", .avg, 60),
      result("blocks.0", .max, 65),
      result("avgpool", .none, 90),
    ]
    let chart = try #require(drawn([DepthChart.Curve(name: "pretrained", results: results, chosen: 4)]))
    #expect(chart.series.map(\.name) == ["pretrained, avg", "pretrained, max"])
    #expect(chart.series.map { $0.points.map(\.y) } == [[0.5, 0.6, 0.9], [0.4, 0.65, 0.9]])
    #expect(chart.series.flatMap { $0.points.compactMap(\.mark) } == ["chosen: avgpool, 90.0 % (82.6-94.5)"])
    let one = try #require(
      drawn([
        DepthChart.Curve(name: "a", results: [results[0], results[4]]),
        DepthChart.Curve(name: "b", results: [results[4]]),
      ]))
    #expect(one.series.map(\.name) == ["a", "b"] && one.series.map(\.points.count) == [2, 1])
  }

  @Test func oneLayerIsNoChart() {
    #expect(
      drawn([DepthChart.Curve(name: "", results: [result("stem", .avg, 1), result("stem", .max, 2)])]) == nil)
    #expect(drawn([]) == nil)
  }

  /// The layers come from the store, or else from the built-in network of the backbone's name. For other backbones they
  /// are unknown.
  @Test func layersAreThoseThatTheStoreNames() throws {
    func identity(_ name: String) -> BackboneIdentity {
      BackboneIdentity(
        backbone: name, weightsHash: "", graphHash: "", preprocessing: Preprocessing(), decoder: "none",
        numericsRevision: 1)
    }
    #expect(DepthChart.order(["b", "a"], of: identity("alexnet")) == ["input", "b", "a"])
    let known = DepthChart.order([], of: identity("alexnet"))
    #expect(known.count == 21 && known.prefix(2) == ["input", "features.0"] && known.last == "classifier.6")
    #expect(DepthChart.order([], of: identity("a file's")) == [] && DepthChart.order([], of: nil) == [])
  }
}
