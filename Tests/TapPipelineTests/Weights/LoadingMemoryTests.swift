// Loading keeps one copy of the weights: the file is mapped, and nothing is folded or packed before it is needed.

import FoundationEssentials
import Glibc
import TapArchitectures
import TapFileSystem
import TapFormats
import TestSupport
import Testing

@Suite(.serialized) struct LoadingMemoryTests {
  /// The most anonymous memory that a process was seen with, in bytes, sampled until it ends.
  private func peak(_ process: pid_t) -> Int {
    var most = 0
    while let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("RssAnon") })
    {
      let kilobytes = line.split(separator: " ").dropFirst().first ?? line.split(separator: "\t").last ?? ""
      most = max(most, (Int(kilobytes.filter(\.isNumber)) ?? 0) * 1024)
      usleep(500)
    }
    return most
  }

  @Test func loadingTakesLittleMoreThanTheWeights() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/resnet50.safetensors"
      let tensors = try Architectures.parameters(of: "resnet50").map { name, shape in
        Safetensors.Tensor(
          name: name, shape: shape.extents, elements: [Float](repeating: 0.5, count: shape.elementCount))
      }
      let bytes = Safetensors.encode(tensors)
      try AtomicWriter.replace(path, with: bytes)
      var most = 0
      let outcome = try Tool.start(["layers", path]) { most = peak($0.processID) }
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(most > bytes.count / 2, "nothing was seen")
      #expect(Double(most) <= 1.3 * Double(bytes.count), "\(most) bytes for a file of \(bytes.count)")
    }
  }
}
