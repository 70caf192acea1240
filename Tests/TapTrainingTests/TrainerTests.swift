import TapClassifier
import TapFormats
import TapLinear
import TapMetrics
import TapReports
import TapSelection
import TapSettings
import TapTraining
import TestSupport
import Testing
import TrainingSupport

@Suite struct TrainerTests {
  @Test func cIsChosenByCrossValidation() throws {
    let data = try TrainingFixtures.data(90)
    let partition = try Partition(data.images)
    let trained = try Trainer(.with { $0.seed = 1 }).train(data, partition)
    #expect(trained.classNames == ["a", "b", "c"] && trained.chosenIndex == 0)
    let selection = trained.chosen.selection
    #expect(selection.method == .crossValidation(folds: 5) && selection.chosen.accuracy.count == 90)
    #expect(selection.chosen.accuracy.value > 0.8)
    #expect(trained.summary.c == selection.chosen.c && trained.summary.classCounts == [30, 30, 30])
    #expect(trained.summary.chosenEstimate?.accuracy == selection.chosen.accuracy)
    #expect(trained.summary.selection.text == "5-fold cross-validation" && trained.summary.converged)
    // The training gives the result of a direct search for C on the same rows in the same order.
    let features = data.candidates[0].features
    let labels = (0..<90).map { $0 % 3 }
    let direct = try RegularizationSearch(seed: 1).crossValidated(features, labels: labels, classCount: 3)
    #expect(direct.model == trained.model && direct.selection == selection)
  }

  @Test func aValidationSplitChoosesAndIsTrainedOnAfterwards() throws {
    let data = try TrainingFixtures.data(90, splits: ["train", "train", "train", "val"])
    let partition = try Partition(data.images)
    let refitted = try Trainer().train(data, partition)
    #expect(refitted.chosen.selection.method == .validation(rows: partition.validation.count))
    #expect(refitted.summary.classCounts.reduce(0, +) == 90)
    let kept = try Trainer(.with { $0.refits = false }).train(data, partition)
    #expect(kept.summary.classCounts.reduce(0, +) == partition.training.count)
    #expect(kept.summary.dataHash != refitted.summary.dataHash)
    #expect(kept.model != refitted.model)
  }

  /// A drawn validation part gives the same result as the same part in the user's own split. Only the summary says that
  /// it was drawn.
  @Test func aDrawnValidationPartChooses() throws {
    let data = try TrainingFixtures.data(90)
    let partition = try Partition(data.images, validationFraction: 0.2, seed: 5)
    let splits = data.items.indices.map { partition.validation.contains($0) ? "val" : "train" }
    let byHand = try TrainingFixtures.data(90, splits: splits)
    let drawn = try Trainer(.with { $0.seed = 5 }).train(data, partition)
    let set = try Trainer(.with { $0.seed = 5 }).train(byHand, Partition(byHand.images))
    #expect(drawn.model == set.model && drawn.chosen.selection == set.chosen.selection)
    #expect(drawn.chosen.selection.method == .validation(rows: 18))
    #expect(drawn.summary.selection.text == "validation split, 20.0 % of the training images")
    #expect(drawn.summary.classCounts == [30, 30, 30])
    #expect(throws: TrainingError.nestedValidation) {
      try Trainer().nestedEstimate(data, partition)
    }
  }

  /// Weights count in the fits that choose C, in the last fit and in the fit of the calibration. Accuracies count every
  /// row with a weight once.
  @Test func weightsCountInEveryFit() throws {
    let weights = (0..<90).map { Double([0, 2, 1, 0.5, 3][$0 % 5]) }
    let data = try TrainingFixtures.data(90, weights: weights)
    let trainer = Trainer(
      .with {
        $0.c = .fixed(0.3)
        $0.folds = 3
        $0.seed = 2
      })
    let trained = try trainer.train(data, Partition(data.images))
    let features = data.candidates[0].features
    let labels = (0..<90).map { $0 % 3 }
    let model = LogisticRegression(c: 0.3)
    #expect(
      trained.model
        == (try model.fit(
          features, rows: Array(0..<90), labels: labels, classCount: 3, sampleWeights: weights)))
    var correct: [Int] = []
    let used = (0..<90).filter { weights[$0] > 0 }
    for split in try Splits.stratifiedFolds(
      labels: used.map { labels[$0] }, classCount: 3, folds: 3, seed: 2)
    {
      let fitted = try model.fit(
        features, rows: split.training.map { used[$0] }, labels: labels, classCount: 3, sampleWeights: weights
      )
      let held = split.validation.map { used[$0] }
      correct.append(zip(try fitted.predictions(features, rows: held), held).count { $0 == labels[$1] })
    }
    #expect(trained.chosen.selection.chosen.folds.map(\.successes) == correct)
    #expect(trained.chosen.selection.chosen.accuracy.count == 72)
    let plain = try TrainingFixtures.data(90)
    let unweighted = try trainer.train(plain, Partition(plain.images))
    #expect(
      unweighted.model != trained.model && unweighted.summary.dataHash != trained.summary.dataHash)
    var search = RegularizationSearch(model: .logistic(model), folds: 3)
    search.sampleWeights = [1]
    #expect(throws: SelectionError.model(.sampleWeightCount(expected: 90, found: 1))) {
      try search.crossValidation(features, labels: labels, classCount: 3)
    }
  }

  @Test func testItemsAreNotLookedAt() throws {
    // The features of every test item are NaN, so a use of them would be an error.
    var splits = [String](repeating: "train", count: 60)
    for row in stride(from: 0, to: 60, by: 4) { splits[row] = "test" }
    let data = try TrainingFixtures.data(60, splits: splits)
    let spoiled = try TrainingFixtures.data(60, splits: splits, spoiling: { splits[$0] == "test" })
    let partition = try Partition(data.images)
    let trained = try Trainer().train(data, partition)
    #expect(try Trainer().train(spoiled, partition).model == trained.model)
    let undivided = try Partition(TrainingFixtures.data(60).images)
    #expect(throws: TrainingError.self) { try Trainer().train(spoiled, undivided) }
  }

  /// The classifier keeps the keys of all rows that were fitted on or that chose C, and of no other rows. The test
  /// computes the same keys itself.
  @Test func whatWasSeenIsKept() throws {
    let splits = (0..<90).map { ["train", "val", "test"][$0 / 3 % 3] }
    let data = try TrainingFixtures.data(90, splits: splits)
    for refits in [true, false] {
      let trained = try Trainer(.with { ($0.c, $0.refits) = (.fixed(1), refits) }).train(
        data, Partition(data.images))
      let classifier = try trained.classifier()
      let seen = try #require(try Classifier(classifier.encoded, path: "m").seen)
      #expect(seen.source == .rows && seen.count == 60)
      for (item, split) in zip(data.items, splits) {
        var row: [UInt8] = []
        data.candidates[0].features.withRow(item.row) { values in
          for j in values.indices {
            let bits = values[j].bitPattern
            row += (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
          }
        }
        #expect(seen.contains(SHA256.hash(row).hex) == (split != "test"), "\(item.image.path)")
      }
    }
  }

  @Test func aGivenCIsJudgedAndUsed() throws {
    let data = try TrainingFixtures.data(30)
    let trained = try Trainer(
      .with {
        $0.c = .fixed(0.5)
        $0.folds = 3
      }
    ).train(data, Partition(data.images))
    #expect(trained.summary.c == 0.5 && trained.summary.estimates.map(\.c) == [0.5])
    #expect(trained.summary.selection.text == "3-fold cross-validation")
  }

  @Test func fewerImagesThanFoldsAreLeftOutOneByOne() throws {
    let data = try TrainingFixtures.data(4, labels: ["a", "b", "a", "b"])
    let trained = try Trainer().train(data, Partition(data.images))
    #expect(trained.summary.selection.text == "4-fold cross-validation")
  }

  /// Without a test part, the confusion matrix on the page of `train` counts the same rows as the estimate.
  @Test(arguments: [[], ["train", "train", "train", "val"]])
  func theMatrixOfWhatWasHeldOutCountsWhatTheEstimateCounts(splits: [String]) throws {
    let data = try TrainingFixtures.data(90, splits: splits)
    let partition = try Partition(data.images)
    let trained = try Trainer(.with { $0.folds = 4 }).train(data, partition)
    let confusion = trained.heldOutConfusion(of: data)
    let accuracy = trained.chosen.selection.chosen.accuracy
    #expect(accuracy.successes < accuracy.count, "nothing is confused")
    let judged = splits.isEmpty ? partition.training : partition.validation
    #expect(confusion.total == accuracy.count && confusion.total == judged.count)
    #expect((0..<3).map { confusion[actual: $0, predicted: $0] }.reduce(0, +) == accuracy.successes)
    for (index, name) in trained.classNames.enumerated() {
      #expect(confusion.support(of: index) == judged.count { data.items[$0].image.label == name })
    }

    let page = TrainingPage(
      trained, data: data, classifier: try trained.classifier(), test: nil, images: nil
    ).html(
      model: "m", source: "X.npy", estimate: "estimate", warnings: [],
      origin: ReportOrigin(program: "p", command: ["c"]))
    let part = splits.isEmpty ? "cross-validation" : "validation images"
    #expect(page.contains(">Confusion matrix (\(part), not a test)</h2>"))
    #expect(page.contains("true \\ predicted") && !page.contains("test images"))
    let wrong = confusion[actual: 0, predicted: 1]
    #expect(wrong > 0 && page.contains("a → b: \(wrong) of \(confusion.support(of: 0))"))
  }

  @Test func evaluationCountsByName() throws {
    let data = try TrainingFixtures.data(90)
    let trained = try Trainer().train(data, Partition(data.images))
    let classifier = try trained.classifier()
    let evaluation = try Evaluation(
      classifier, on: data, features: data.candidates[0].features, indices: Array(0..<90))
    let predictions = try trained.model.predictions(data.candidates[0].features)
    #expect(evaluation.predictions == predictions && evaluation.labels == (0..<90).map { $0 % 3 })
    #expect(
      evaluation.accuracy
        == ClassificationMetrics.accuracy(labels: evaluation.labels, predictions: predictions))
    #expect(evaluation.majority == Proportion(successes: 30, count: 90))
    #expect(evaluation.confidences.allSatisfy { $0 > 1.0 / 3 && $0 <= 1 })

    let probabilities = try #require(evaluation.probabilities)
    #expect(evaluation.scores.count == 270 && probabilities.count == 270)
    #expect(evaluation.scores == (try classifier.scores(data.candidates[0].features)))
    for row in 0..<90 {
      #expect(probabilities[3 * row + evaluation.predictions[row]] == evaluation.confidences[row])
    }
    #expect(evaluation.metrics().accuracy == evaluation.accuracy && evaluation.metrics().top == nil)
    #expect(evaluation.metrics(top: 3).top?.accuracy.value == 1)

    // A class that the data lack does not change the indices of the other classes.
    let fewer = try TrainingFixtures.data(9, labels: ["c", "b", "c", "b", "c", "b", "c", "b", "c"])
    let other = try Evaluation(
      classifier, on: fewer, features: fewer.candidates[0].features, indices: Array(0..<9))
    #expect(other.labels == [2, 1, 2, 1, 2, 1, 2, 1, 2])

    let unknown = try TrainingFixtures.data(3, labels: ["a", "z", ""])
    #expect(throws: TrainingError.unknownClasses(["z"], known: ["a", "b", "c"])) {
      try Evaluation(classifier, on: unknown, features: unknown.candidates[0].features, indices: [0, 1, 2])
    }
    #expect(throws: TrainingError.nothingToEvaluate) {
      try Evaluation(classifier, on: unknown, features: unknown.candidates[0].features, indices: [2])
    }
    let spoiled = try TrainingFixtures.data(9, spoiling: { $0 == 4 })
    // A NaN is not equal to itself, so the text is compared.
    let error = #expect(throws: TrainingError.self) {
      try Evaluation(
        classifier, on: spoiled, features: spoiled.candidates[0].features, indices: Array(0..<9))
    }
    #expect(error?.description.hasPrefix("the feature of 4.jpg in column 0 is NaN") == true)
  }
}
