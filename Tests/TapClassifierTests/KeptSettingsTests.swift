import TapClassifier
import TapFileSystem
import TapFormats
import TapLinear
import TapProvenance
import TapSettings
import TestSupport
import Testing

/// Settings in model files are written whole and read back exactly. Earlier formats are read too.
@Suite struct KeptSettingsTests {
  private func throughAFile(_ settings: ModelSettings) throws -> ModelSettings {
    var summary = ClassifierFixtures.summary
    summary.settings = settings
    if settings.classifier == .nearestMean {
      summary.c = nil
      summary.estimates = []
    }
    return try Classifier(ClassifierFixtures.classifier(summary: summary).encoded, path: "m").training
      .settings
  }

  /// The test goes through the declarations, so it covers new settings without a change.
  @Test func everySettingSurvivesTheFile() throws {
    for setting in TrainingSettings.settings {
      let base = try #require(TrainingSettings.examples.first { setting.get($0) != nil })
      for value in SettingSamples.accepted(setting.values) {
        guard let changed = try? base.taking([setting.name: value]) else { continue }
        let read = try throughAFile(ModelSettings(changed))
        #expect(try read.training() == changed, "\(setting.name): \(value)")
        #expect(try read.extraction() == nil)
      }
    }
    for setting in ExtractionSettings.settings {
      let base = try #require(ExtractionSettings.examples.first { setting.get($0) != nil })
      for value in SettingSamples.accepted(setting.values) {
        var changed = try base.taking([setting.name: value])
        if changed.columns == .exact([]) { changed.columns = .exact([Column(tap: "a", pooling: .gem)]) }
        let read = try throughAFile(ModelSettings(TrainingSettings(), extraction: changed))
        #expect(try read.extraction() == changed, "\(setting.name): \(value)")
      }
    }
  }

  /// The error names a word that the program does not know. No such word is read as a known one.
  @Test func unknownWordsAreNamed() throws {
    for setting in TrainingSettings.settings {
      let base = try #require(TrainingSettings.examples.first { setting.get($0) != nil })
      guard var fields = base.json.objectValue, !["classifier", "multiClass"].contains(setting.name) else {
        continue
      }
      fields[setting.name] = .string("quite-new")
      let settings = try ModelSettings(json: .object(["training": .object(fields)]))
      let error = #expect(throws: SettingsError.self, "\(setting.name)") {
        try throughAFile(settings).training()
      }
      #expect(error?.field == setting.name)
    }
  }

  // MARK: - Formats 1 and 2

  private static let models = Repository.path("Tests/Reference/models")

  /// The settings of every golden model equal the settings of its command line in generate.py.
  @Test func earlierFormatsAreTranslated() throws {
    func read(_ name: String) throws -> Classifier {
      try Classifier(contentsOf: "\(Self.models)/\(name).layertap")
    }
    let logistic = try read("logistic").training.settings.training()
    #expect(logistic.classWeights == .balanced && logistic.seed == .max && logistic.model == .logistic())
    let temperature = try read("temperature").training.settings.training()
    #expect(temperature.calibration == .temperature)
    let platt = try read("svm-platt").training.settings.training()
    #expect(platt.model == .svm() && platt.calibration == .platt)
    #expect(try read("svm-hinge").training.settings.training().model == .svm(.init(loss: .hinge)))
    #expect(
      try read("crammer-singer").training.settings.training().model == .svm(.init(loss: .crammerSinger)))
    let net = try read("elastic-net-pca").training.settings.training()
    guard case .logistic(let model) = net.model, case .elasticNet = model.penalty else {
      Issue.record("\(net.model)")
      return
    }
    #expect(model.multiClass == .oneVersusRest)
    #expect(net.transform.components == PrincipalComponents(.components(4), whitens: true))
    #expect(try read("normalized-rows").training.settings.training().transform.normalizesRows)
    #expect(try read("nearest-mean").training.settings.training().model == .nearestMean)
    let free = try read("svmlight-no-penalty").training.settings.training()
    #expect(free.model.penalty == Penalty.none && free.c == .chosen(of: nil))
  }

  @Test func everyGoldenModelHasSettingsAndASelection() throws {
    let names = try FileSystem.list(Self.models).filter { $0.hasSuffix(".layertap") }
    #expect(names.count >= 15)
    for name in names {
      let training = try Classifier(contentsOf: "\(Self.models)/\(name)").training
      let settings = try training.settings.training()
      #expect(settings.model.kind == training.classifier)
      // The golden models were chosen by accuracy, whatever the default criterion is today.
      #expect(settings.criterion == .accuracy, "\(name)")
      if case .other(let words) = training.selection.method { Issue.record("\(name): \(words)") }
      if let c = training.c, settings.model.penalty != Penalty.none { #expect(settings.c == .fixed(c)) }
      #expect(training.selection.tried == training.estimates.compactMap(\.c))
    }
  }

  /// The reader of format 1 does not guess the meaning of an unknown word. An earlier reader took an unknown loss for
  /// the squared hinge.
  @Test(arguments: [
    ("squared-hinge", "cubic-hinge", "loss"),
    ("\"standardization\":\"std\"", "\"standardization\":\"rank\"", "standardize"),
    ("\"classWeights\":\"none\"", "\"classWeights\":\"sqrt\"", "classWeight"),
  ])
  func unknownWordsOfEarlierFormatsAreNamed(word: String, other: String, field: String) throws {
    let bytes = try FileSystem.read("\(Self.models)/svm-platt.layertap")
    let file = try Safetensors(bytes.span)
    var metadata = file.metadata
    metadata["training"] = metadata["training"]?.replacing(word, with: other)
    #expect(metadata["training"] != file.metadata["training"])
    var tensors: [Safetensors.Tensor] = []
    for name in file.entries.keys {
      let (shape, elements) = try file.floats(name, in: bytes.span)
      tensors.append(Safetensors.Tensor(name: name, shape: shape, elements: elements))
    }
    let read = try Classifier(Safetensors.encode(tensors, metadata: metadata), path: "m")
    // The model with the unknown word can still predict.
    #expect(read.weights == (try Classifier(bytes, path: "m").weights))
    let error = #expect(throws: SettingsError.self) { try read.training.settings.training() }
    #expect(error?.field == field)
  }

  @Test func sentencesBecomeRecords() {
    let sentences: [(String, SelectionRecord)] = [
      ("5-fold cross-validation", SelectionRecord(.crossValidation(folds: 5, repeats: 1))),
      (
        "3-fold cross-validation, 2 repeats, one-standard-error rule",
        SelectionRecord(.crossValidation(folds: 3, repeats: 2), rule: .oneStandardError)
      ),
      ("validation split", SelectionRecord(.validation(fraction: nil))),
      (
        "validation split, 12.5 % of the training images, one-standard-error rule",
        SelectionRecord(.validation(fraction: 0.125), rule: .oneStandardError)
      ),
      ("by hand", SelectionRecord(.other("by hand"))),
    ]
    for (sentence, record) in sentences { #expect(SelectionRecord(sentence: sentence) == record) }
  }
}
