import TapFeatures
import TapLinear
import TapSettings
import TapTraining
import Testing
import TrainingSupport

/// A row without a label must not count as a row of the first class.
struct RowLabelsTests {
  private func labels(_ names: [String?], rows: [Int], of count: Int) -> RowLabels {
    RowLabels(
      names.map { ImageItem(path: "x", label: $0) }, rows: rows, of: count, classNames: ["a", "b"])
  }

  @Test func noLabelIsNotTheFirstClass() {
    let labels = labels(["a", nil, "b", "other"], rows: [3, 0, 1, 4], of: 6)
    #expect((0..<6).map { labels[$0] } == [nil, 1, nil, 0, nil, nil])
    #expect(labels.classes(of: [3, 1, 3]) == [0, 1, 0])
  }

  @Test func imagesOfOneRowHaveOneLabel() async {
    #expect(labels(["a", "a", "b"], rows: [0, 0, 1], of: 2).classes(of: [0, 1]) == [0, 1])
    await #expect(processExitsWith: .failure) {
      _ = RowLabels(
        ["a", "b"].map { ImageItem(path: "x", label: $0) }, rows: [0, 0], of: 1, classNames: ["a", "b"])
    }
    await #expect(processExitsWith: .failure) {
      _ = RowLabels([ImageItem(path: "x")], rows: [0], of: 1, classNames: ["a"]).classes(of: [0])
    }
  }

  @Test func rowsWithoutLabelsAreNeverTrainedOn() throws {
    let names = (0..<30).map { $0 % 5 == 4 ? "" : ["a", "b"][$0 % 2] }
    // The rows without a label are not finite, so a fit to one of them would fail.
    let data = try TrainingFixtures.data(30, labels: names) { names[$0].isEmpty }
    let partition = try Partition(data.images)
    #expect(partition.unlabeled == 6 && partition.training.count == 24)
    let trained = try Trainer(.with { $0.c = .fixed(1) }).train(data, partition)
    #expect(trained.model.converged && trained.trainingCounts == [12, 12])

    let labels = trained.labels(in: data)
    #expect((0..<30).allSatisfy { (labels[$0] == nil) == names[$0].isEmpty })
    #expect(throws: LinearModelError.labelOutOfRange(row: 4, label: labels.values[4], classCount: 2)) {
      try LogisticRegression().fit(
        data.candidates[0].features, rows: Array(0..<30), labels: labels.values, classCount: 2)
    }
  }
}
