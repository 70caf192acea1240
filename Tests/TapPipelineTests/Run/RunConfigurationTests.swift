import TapFileSystem
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
    #expect(configuration.report == nil && configuration.record == nil && configuration.model == nil)
  }

  @Test func readsEveryField() throws {
    let configuration = try read(
      """
      { // a comment
        name: "n", images: "i", manifest: "m.csv", backbone: "b.pth", size: 96, resize: "squash",
        cropFraction: 0.5, interpolation: "bilinear", layers: "all", pool: ["avg", "gem"], store: "s",
        c: 0.5, standardize: "none", folds: 3, seed: 7,
        baselines: { pixels: { size: 8 }, random: { seed: 9 } },
        report: "r.html", record: "r.json", model: "m.layertap",
      }
      """)
    #expect(configuration.name == "n" && configuration.layers == ["all"])
    #expect(configuration.changes.size == 96 && configuration.changes.resize == .squash)
    #expect(configuration.changes.cropFraction == 0.5 && configuration.changes.interpolation == .bilinear)
    #expect(configuration.poolings == [.avg, .gem])
    #expect(configuration.c == 0.5 && configuration.folds == 3 && configuration.seed == 7)
    #expect(configuration.baselines == RunConfiguration.Baselines(pixels: 8, random: 9))
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
    #expect(problem("{ images: 'i', layers: 'head', c: 0 }").contains("\"auto\" or a number above 0"))
    #expect(problem("{ images: 'i', layers: 'head', pool: 'mean' }").contains("one of \"avg\""))
  }

  /// The two pipelines of the repository are sound, and tap at least six depths each.
  @Test(arguments: ["surfaces", "digits"])
  func readsTheRepositorys(name: String) throws {
    let configuration = try RunConfiguration(contentsOf: Repository.path("pipelines/\(name).json5"))
    #expect(configuration.layers.count >= 6)
    #expect(configuration.baselines.pixels != nil && configuration.baselines.random != nil)
    #expect(FileSystem.isDirectory(configuration.images))
  }
}
