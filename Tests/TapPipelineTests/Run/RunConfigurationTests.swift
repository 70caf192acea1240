import TapFileSystem
import TapLinear
import TapPipeline
import TapProvenance
import TestSupport
import Testing

@Suite struct RunConfigurationTests {
  /// What a pipeline file with this text says.
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
    #expect(configuration.poolings == [.avg])
    #expect(configuration.c == nil && configuration.folds == 5 && configuration.seed == 0)
    #expect(configuration.baselines == RunConfiguration.Baselines())
    #expect(configuration.classifiers == [.logistic] && configuration.learningCurve == nil)
    #expect(configuration.rule == .best && configuration.repeats == 1)
    #expect(configuration.validationFraction == nil && configuration.calibration == .none)
    #expect(!configuration.tunes)
    #expect(configuration.report == nil && configuration.record == nil && configuration.model == nil)
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
    #expect(configuration.name == "n" && configuration.layers == ["all"] && configuration.tunes)
    #expect(configuration.changes.size == 96 && configuration.changes.resize == .squash)
    #expect(configuration.changes.cropFraction == 0.5 && configuration.changes.interpolation == .bilinear)
    #expect(configuration.changes.mean == [1, 2, 3] && configuration.changes.standardDeviation == [4, 5, 6])
    #expect(configuration.changes.scale == 1 && configuration.changes.channels == .bgr)
    #expect(configuration.backbone.hasSuffix("/pipelines/b.pth"))
    #expect(configuration.poolings == [.avg, .gem])
    #expect(
      configuration.transform
        == FeatureTransform(
          normalizesRows: true, components: PrincipalComponents(.variance(0.9), whitens: true)))
    #expect(configuration.c == 0.5 && configuration.folds == 3 && configuration.seed == 7)
    #expect(configuration.baselines == RunConfiguration.Baselines(pixels: 8, random: 9))
    #expect(configuration.classifiers == [.svm, .logistic] && configuration.hingeLoss == .hinge)
    #expect(configuration.classWeights == .balanced && configuration.multiClass == .oneVersusRest)
    #expect(configuration.penalty == PenaltyChoice(name: .l2, solver: .lbfgs))
    let together = try read("{ images: 'i', layers: 'head', classifiers: 'svm', loss: 'crammer-singer' }")
    #expect(together.hingeLoss == .crammerSinger)
    let net = try read("{ images: 'i', layers: 'head', penalty: 'elastic-net', l1Ratio: 0.25 }")
    #expect(net.penalty.penalty == .elasticNet(l1Ratio: 0.25) && net.multiClass == .multinomial)
    #expect(configuration.rule == .oneStandardError && configuration.repeats == 4)
    #expect(configuration.calibration == .automatic)
    #expect(
      try read("{ images: 'i', layers: 'l', validationFraction: 0.25 }").validationFraction == 0.25)
    #expect(configuration.learningCurve == ComparisonRunner.CurveSettings(sizes: [1, 5], draws: 3))
    #expect(configuration.model?.hasSuffix("pipelines/m.layertap") == true)
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
        "line 2, field \"validationFraction\": expected a number between 0 and 1, found 1"))
    #expect(
      problem("{ images: 'i', layers: 'head', validationFraction: 0.2,\n folds: 3 }").contains(
        "line 2, field \"folds\": it is for cross-validation, and \"validationFraction\" takes its place"))
    #expect(
      problem("{ images: 'i', layers: 'head',\n calibrate: 'platt' }").contains(
        "line 2, field \"calibrate\": \"platt\" is not for \"logistic\"; expected \"auto\""))
    #expect(problem("{ images: 'i', layers: 'head', c: 0 }").contains("\"auto\" or a number above 0"))
    #expect(problem("{ images: 'i', layers: 'head', pca: 1.5 }").contains("a share of the variance"))
    #expect(problem("{ images: 'i', layers: 'head', whiten: true }").contains("without \"pca\""))
    #expect(problem("{ images: 'i', layers: 'head', pool: 'mean' }").contains("one of \"avg\""))
    #expect(
      problem("{ images: 'i', layers: 'head',\n classifiers: ['svm', 'svm'] }").contains(
        "field \"classifiers\": expected one of \"logistic\", \"svm\", \"nearest-mean\", or a list of them, none twice"
      )
    )
    #expect(
      problem("{ images: 'i', layers: 'head',\n loss: 'hinge' }").contains(
        "line 2, field \"loss\": it is for an SVM"))
    #expect(
      problem("{ images: 'i', layers: 'head', classifiers: 'svm',\n multiClass: 'multinomial' }").contains(
        "line 2, field \"multiClass\": it is for logistic regression"))
    #expect(
      problem("{ images: 'i', layers: 'head',\n l1Ratio: 0.5 }").contains(
        "line 2, field \"l1Ratio\": it is for the penalty elastic-net"))
    #expect(
      problem("{ images: 'i', layers: 'head', c: 1,\n penalty: 'none' }").contains(
        "line 2, field \"penalty\": without a penalty C has no meaning"))
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
    func read(_ text: String) throws -> ClassificationConfiguration? {
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

  /// Pipelines of the repository that compare are sound, and tap at least five depths each.
  @Test(arguments: ["surfaces", "digits", "few-shot"])
  func readsTheRepositorys(name: String) throws {
    let configuration = try RunConfiguration(contentsOf: Repository.path("pipelines/\(name).json5"))
    #expect(configuration.layers.count >= 5)
    #expect(configuration.baselines.pixels != nil && configuration.baselines.random != nil)
    #expect(FileSystem.isDirectory(configuration.images))
  }
}
