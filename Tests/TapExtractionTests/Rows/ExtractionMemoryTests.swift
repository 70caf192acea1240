// The peak memory of an extraction is that of the weights as read, the weights as packed, an arena for each thread, and
// little else.

import TapArchitectures
import TapBackbone
import TapFileSystem
import TestSupport
import Testing

@Suite(.serialized) struct ExtractionMemoryTests {
  @Test(arguments: ["resnet18", "resnet50"], [1, 2])
  func anExtractionTakesItsWeightsTwiceAndAnArenaForEachThread(architecture: String, threads: Int) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/\(architecture).safetensors"
      let parameters = try Architectures.parameters(of: architecture)
      try AtomicWriter.replace(
        path, with: WeightFiles.safetensors(parameters.map { (name: $0, shape: $1.extents) }))
      let network = try Architectures.seeded(architecture, seed: 0)
      let plan = try network.plan(columns: network.columns(layers: ["avgpool"], poolings: [.avg]))
      let read = 4 * parameters.reduce(0) { $0 + $1.shape.elementCount }
      let planned = read + plan.weightByteCount + threads * plan.workerByteCount
      var most = 0
      let outcome = try Tool.start([
        "extract", Repository.path("data/surfaces"), "--backbone", path, "--layers", "avgpool", "--limit",
        "24",
        "--threads", "\(threads)", "--store", "\(folder)/store",
      ]) { most = $0.peakAnonymousMemory() }
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(most > planned, "\(most) bytes, less than the \(planned) that are known: nothing was seen")
      #expect(Double(most) < 1.25 * Double(planned), "\(most) bytes, of which \(planned) are known")
    }
  }
}
