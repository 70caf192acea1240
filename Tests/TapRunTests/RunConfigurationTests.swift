import TapComparison
import TapFileSystem
import TapLinear
import TapProvenance
import TapRun
import TapSettings
import TestSupport
import Testing
import TrainingSupport

@Suite struct RunConfigurationTests {
  /// The configuration in a pipeline file with this text.
  private func read(_ text: String) throws -> RunConfiguration {
    try withTemporaryFolder { folder in
      try FileSystem.createDirectories("\(folder)/pipelines")
      try AtomicWriter.replace("\(folder)/pipelines/it.json5", with: Array(text.utf8))
      return try RunConfiguration(contentsOf: "\(folder)/pipelines/it.json5")
    }
  }

  private func problem(_ text: String) -> String {
    do {
      _ = try read(text)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func fillsInDefaults() throws {
    let configuration = try read("{ images: '../photos', layers: ['head'] }")
    #expect(configuration.name == "it")
    #expect(configuration.images.hasSuffix("/photos") && !configuration.images.contains(".."))
    #expect(configuration.backbone == "efficientnet_lite0")
    #expect(configuration.extraction.columns == .named(layers: ["head"], poolings: [.avg]))
    #expect(configuration.training == [TrainingSettings()])
    #expect(configuration.baselines == RunConfiguration.Baselines())
    #expect(configuration.learningCurve == nil && configuration.extraction.changes == PreprocessingChanges())
    #expect(!configuration.extraction.tunes)
    #expect(configuration.report == nil && configuration.record == nil && configuration.model == nil)
  }

  @Test func readsWhichImagesAreTaken() throws {
    let list = try read(
      "{ images: 'i', layers: 'stem', include: '*.png', exclude: ['masks', '*.webp'], folders: 'splits', groupBy: 'stem' }"
    ).list
    #expect(list.include == ["*.png"] && list.exclude == ["masks", "*.webp"])
    #expect(list.folders == .splits && list.grouping == .stem)
    #expect(try read("{ images: 'i', layers: 'stem' }").list == ListSettings())
    #expect(
      problem("{ images: 'i', layers: 'stem', groupBy: '(' }").contains(
        "field \"groupBy\": '(' is neither parent nor stem"))
    #expect(
      problem("{ images: 'i', layers: 'stem', folders: 'both' }").contains(
        "expected one of auto, classes, splits"))
  }

  @Test func readsEveryField() throws {
    let configuration = try read(
      """
      { // a comment
        task: "compare", name: "n", images: "i", manifest: "m.csv", backbone: "b.pth", size: 96, resize: "squash",
        cropFraction: 0.5, interpolation: "bilinear", scale: 1, mean: [1, 2, 3], std: [4, 5, 6], channels: "bgr", tune: true, layers: "all", pool: ["avg", "gem"], store: "s",
        classifiers: ["svm", "logistic"], loss: "hinge", classWeight: "balanced",
        multiClass: "one-vs-rest", penalty: "l2", solver: "lbfgs",
        learningCurve: { imagesPerClass: [1, 5], draws: 3 }, c: 0.5, standardize: "none", folds: 3, seed: 7,
        normalizeRows: true, pca: 0.9, whiten: true,
        select: "one-se", repeats: 4, calibrate: "auto",
        baselines: { pixels: { size: 8 }, random: { seed: 9 } },
        report: "r.html", record: "r.json", model: "m.layertap",
      }
      """)
    let (extraction, changes) = (configuration.extraction, configuration.extraction.changes)
    #expect(configuration.name == "n" && extraction.tunes)
    #expect(extraction.columns == .named(layers: ["all"], poolings: [.avg, .gem]))
    #expect(changes.size == 96 && changes.resize == .squash)
    #expect(changes.cropFraction == 0.5 && changes.interpolation == .bilinear)
    #expect(changes.mean == [1, 2, 3] && changes.standardDeviation == [4, 5, 6])
    #expect(changes.scale == 1 && changes.channels == .bgr)
    #expect(configuration.backbone.hasSuffix("/pipelines/b.pth"))
    #expect(configuration.labels?.hasSuffix("/pipelines/m.csv") == true)
    let svm = TrainingSettings.with(.svm(.init(loss: .hinge))) { settings in
      settings.transform = FeatureTransform(
        normalizesRows: true, components: PrincipalComponents(.variance(0.9), whitens: true))
      (settings.c, settings.folds, settings.seed) = (.fixed(0.5), 3, 7)
      (settings.classWeights, settings.standardization) = (.balanced, .none)
      (settings.rule, settings.repeats, settings.calibration) = (.oneStandardError, 4, .automatic)
    }
    var logistic = svm
    logistic.model = .logistic(.init(multiClass: .oneVersusRest, solver: .lbfgs))
    logistic.maximumIterations = 200
    #expect(configuration.training == [svm, logistic])
    #expect(configuration.baselines == RunConfiguration.Baselines(pixels: 8, random: 9))
    let together = try read("{ images: 'i', layers: 'head', classifiers: 'svm', loss: 'crammer-singer' }")
    #expect(together.training.map(\.model) == [.svm(.init(loss: .crammerSinger))])
    let net = try read("{ images: 'i', layers: 'head', penalty: 'elastic-net', l1Ratio: 0.25 }")
    #expect(net.training.map(\.model) == [.logistic(.init(penalty: .elasticNet(l1Ratio: 0.25)))])
    #expect(
      try read("{ images: 'i', layers: 'l', validationFraction: 0.25 }").training[0].validationFraction
        == 0.25)
    #expect(configuration.learningCurve == ComparisonRunner.CurveSettings(sizes: [1, 5], draws: 3))
    #expect(configuration.model?.hasSuffix("pipelines/m.layertap") == true)
  }

  @Test func readsBackbonesNeighborsAndCombinations() throws {
    let one = try read("{ images: 'i', layers: 'head' }")
    #expect(one.backbones == ["efficientnet_lite0"] && !one.comparesNeighbors && one.combinedColumns == 1)
    let several = try read(
      "{ images: 'i', layers: 'head', backbone: ['efficientnet_lite0', 'b.pth'], classifier: ['svm', 'k-nn'], combine: 3 }"
    )
    #expect(several.backbones.count == 2 && several.backbones[0] == "efficientnet_lite0")
    #expect(several.backbones[1].hasSuffix("/pipelines/b.pth") && several.extraction.backbone == "efficientnet_lite0")
    #expect(several.training == [TrainingSettings(.svm())] && several.comparesNeighbors && several.combinedColumns == 3)
    for (fields, problem) in [
      ("backbone: ['b', 'b']", "field \"backbone\": expected a text or a list of different texts"),
      ("backbone: []", "field \"backbone\": expected a text or a list of different texts"),
      ("backbone: ''", "field \"backbone\": expected a text or a list of different texts"),
      ("classifier: ['k-nn']", "field \"classifier\": k-nn is a baseline that is never chosen"),
      ("classifier: ['svm', 'k-nn', 'k-nn']", "field \"classifier\": expected"),
      ("combine: 1", "field \"combine\": expected an integer from 2 to 3"),
      ("backbone: ['a', 'b'], baselines: { random: {} }", "random weights are a baseline of one backbone"),
    ] {
      #expect(self.problem("{ images: 'i', layers: 'head', \(fields) }").contains(problem), "\(fields)")
    }
  }

  @Test func namesLineAndField() {
    #expect(
      problem("{\n  images: 'i',\n  layer: ['head'],\n}").contains(
        "line 3, field \"layer\": there is no such field; did you mean \"layers\"?"))
    #expect(
      problem("{ images: 'i',\n layers: ['head'],\n folds: 1 }").contains(
        "line 3, field \"folds\": expected an integer from 2 to 1000, found 1"))
    #expect(
      problem("{ images: 'i', layers: ['head'],\n baselines: { pixels: {\n size: 'x' } } }").contains(
        "line 3, field \"baselines.pixels.size\": expected an integer from 1 to 512, found \"x\""))
    #expect(problem("{ layers: ['head'] }").contains("field \"images\": the field is missing"))
    #expect(problem("{ images: 'i' }").contains("field \"layers\": the field is missing"))
    #expect(problem("[]").contains("expected an object in braces"))
    #expect(problem("{ images: 'i',\n layers }").contains("line 2"))
    #expect(
      problem("{ images: 'i', layers: 'head',\n validationFraction: 1 }").contains(
        "line 2, field \"validationFraction\": expected a number between 0 and 1, or none, found 1"))
    #expect(
      problem("{ images: 'i', layers: 'head', validationFraction: 0.2,\n folds: 3 }").contains(
        "line 2, field \"folds\": it is for cross-validation, and \"validationFraction\" takes its place"))
    #expect(
      problem("{ images: 'i', layers: 'head',\n calibrate: 'platt' }").contains(
        "line 2, field \"calibrate\": platt is for \"classifier\" svm or \"multiClass\" one-vs-rest: give auto"
      ))
    #expect(
      problem("{ images: 'i', layers: 'head', c: 0 }").contains(
        "expected auto, a number above 0, or a list of numbers above 0, none twice, found 0"))
    #expect(
      problem("{ images: 'i', layers: 'head', pca: 1.5 }").contains(
        "an integer of at least 1, or a number between 0 and 1, or none"))
    #expect(problem("{ images: 'i', layers: 'head', whiten: true }").contains("without \"pca\""))
    #expect(problem("{ images: 'i', layers: 'head', pool: 'mean' }").contains("one of avg, max"))
    #expect(
      problem("{ images: 'i', layers: 'head',\n classifiers: ['svm', 'svm'] }").contains(
        "field \"classifiers\": expected one of logistic, svm, nearest-mean, or a list of such, none twice"
      )
    )
    #expect(
      problem("{ images: 'i', layers: 'head',\n loss: 'hinge' }").contains(
        "line 2, field \"loss\": it is for \"classifier\" svm"))
    #expect(
      problem("{ images: 'i', layers: 'head', classifiers: 'svm',\n multiClass: 'multinomial' }").contains(
        "line 2, field \"multiClass\": it is for \"classifier\" logistic"))
    #expect(
      problem("{ images: 'i', layers: 'head',\n l1Ratio: 0.5 }").contains(
        "line 2, field \"l1Ratio\": it is for \"penalty\" elastic-net"))
    #expect(
      problem("{ images: 'i', layers: 'head', penalty: 'none',\n c: 1 }").contains(
        "line 2, field \"c\": without a penalty C has no meaning"))
    #expect(
      problem("{ images: 'i', layers: 'head', learningCurve: {\n imagesPerClass: [1, 0] } }").contains(
        "line 2, field \"learningCurve.imagesPerClass\": expected a list of integers from 1 up, found [1,0]"))
    #expect(
      problem("{ images: 'i', layers: 'head', learningCurve: { draw: 3 } }").contains(
        "did you mean \"draws\"?"))
    #expect(problem("{ task: 'train', images: 'i' }").contains("one of \"compare\", \"classify\""))
    #expect(problem("{ task: 'classify', images: 'i' }").contains("field \"task\": expected \"compare\""))
  }

  @Test func readsClassifications() throws {
    func read(_ text: String) throws -> ClassificationRunConfiguration? {
      try withTemporaryFolder { folder in
        try AtomicWriter.replace("\(folder)/it.json5", with: text)
        guard case .classify(let configuration) = try PipelineFile(contentsOf: "\(folder)/it.json5") else {
          return nil
        }
        return configuration
      }
    }
    let plain = try #require(try read("{ task: 'classify', images: 'i' }"))
    #expect(
      plain.images.count == 1 && plain.images[0].hasSuffix("/i") && plain.top == 5 && plain.output == nil)
    let full = try #require(
      try read(
        "{ task: 'classify', images: ['/i', '/k'], backbone: 'b', size: 96, resize: 'squash', top: 3, output: 'o.csv' }"
      ))
    #expect(
      full.images == ["/i", "/k"] && full.backbone.hasSuffix("/b") && full.top == 3 && full.changes.size == 96
    )
    #expect(full.output?.hasSuffix("/o.csv") == true)
    for wrong in [
      "{ task: 'classify' }", "{ task: 'classify', images: 'i', output: 'o.txt' }",
      "{ task: 'classify', images: 'i', layers: 'head' }", "{ task: 'classify', images: 'i', top: 0 }",
    ] {
      #expect(throws: RunError.self, "\(wrong)") { try read(wrong) }
    }
  }

  /// The comparing pipelines of the repository are valid, and each taps at least five depths.
  @Test(arguments: ["surfaces", "digits", "few-shot"])
  func readsTheRepositorys(name: String) throws {
    let configuration = try RunConfiguration(contentsOf: Repository.path("pipelines/\(name).json5"))
    guard case .named(let layers, _) = configuration.extraction.columns else {
      Issue.record("a file names layers")
      return
    }
    #expect(layers.count >= 5)
    #expect(configuration.baselines.pixels != nil && configuration.baselines.random != nil)
    #expect(FileSystem.isDirectory(configuration.images))
  }
}
