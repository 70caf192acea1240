// Compares the peak memory of trainings, beyond the reading of their features, with its estimate.

import TapFileSystem
import TapFormats
import TapLinear
import TapTensors
import TapTraining
import TestSupport
import Testing

@Suite(.serialized) struct TrainingMemoryTests {
  struct Case: Sendable {
    let rows: Int
    let classes: Int
    let columns: Int
    let options: [String]
    let model: LinearModel
  }

  /// The first case has many classes with preconditioning blocks. The second, under L1, has one matrix of all classes.
  /// The third has a matrix for each class against the rest.
  static let cases = [
    Case(
      rows: 1500, classes: 100, columns: 120, options: ["--c", "100"],
      model: .logistic(LogisticRegression(threads: 1))),
    Case(
      rows: 600, classes: 10, columns: 150, options: ["--c", "1000", "--penalty", "l1"],
      model: .logistic(LogisticRegression(penalty: .l1, threads: 1))),
    Case(
      rows: 6200, classes: 20, columns: 60, options: ["--c", "1", "--classifier", "svm"],
      model: .svm(LinearSVM(threads: 1))),
  ]

  @Test(arguments: cases) func aTrainingTakesNoMoreThanItsEstimate(item: Case) throws {
    try withTemporaryFolder { folder in
      var generator = SeededGenerator(seed: 5)
      var (elements, list): ([Float], String) = ([], "path,label\n")
      for row in 0..<item.rows {
        let label = row % item.classes
        list += "\(row),\(label)\n"
        var place = SeededGenerator(seed: UInt64(label))
        for _ in 0..<item.columns {
          let noise = Float(generator.next(below: 1000)) + Float(generator.next(below: 1000))
          elements.append(noise + 0.6 * Float(place.next(below: 1000)))
        }
      }
      try AtomicWriter.replace(
        folder + "/x.npy", with: NPY.encode(elements, shape: [item.rows, item.columns]))
      try AtomicWriter.replace(folder + "/y.csv", with: list)
      func peak(_ options: [String], to name: String) throws -> Double {
        var most = 0
        let outcome = try Tool.start(
          ["train", "x.npy", "--labels", "y.csv", "--folds", "3", "--threads", "1", "--output", name]
            + options,
          in: folder
        ) { most = $0.peakAnonymousMemory() }
        #expect(outcome.status == 0, "\(outcome.errors)")
        return Double(most)
      }
      let reading = try peak(["--classifier", "nearest-mean"], to: "means.layertap")
      let most = try peak(item.options, to: "model.layertap") - reading
      let estimate = MemoryEstimate(
        rows: item.rows, classes: item.classes, dimensions: item.columns, fits: 1, parts: 3, model: item.model
      ).bytes
      #expect(most <= estimate, "\(most) bytes, \(estimate) estimated")
      #expect(8 * most >= estimate, "\(most) bytes, \(estimate) estimated")
    }
  }
}
