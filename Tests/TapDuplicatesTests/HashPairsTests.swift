// The pairs of near hashes are those of a comparison of all hashes.

import TapDuplicates
import TapImages
import TestSupport
import Testing

struct HashPairsTests {
  /// Hashes of small images with few gray values, so that many hashes are near.
  static func hashes(_ count: Int) -> [PerceptualHash?] {
    var numbers = Congruential(seed: 4)
    return (0..<count).map { index in
      if index % 9 == 5 { return nil }
      let pixels = (0..<6).flatMap { _ in [UInt8](repeating: UInt8(60 * numbers.next(below: 3)), count: 3) }
      return PerceptualHash(RGBImage(width: 3, height: 2, pixels: pixels))
    }
  }

  @Test(arguments: [0, 6, 14], [1, 3])
  func allPairsAreFound(distance: Int, threads: Int) {
    let hashes = Self.hashes(600)
    // The two images of each pair, and 1 if only the mirrored image is near.
    var expected: [[Int]] = []
    for first in 0..<600 {
      for second in (first + 1)..<600 {
        guard let a = hashes[first], let b = hashes[second] else { continue }
        let (plain, mirrored) = ((a.bits ^ b.bits).nonzeroBitCount, (a.mirrored.bits ^ b.bits).nonzeroBitCount)
        if min(plain, mirrored) <= distance {
          expected.append([first, second, plain > distance ? 1 : 0])
        }
      }
    }
    let found = HashPairs(hashes, distance: distance, threads: threads)
    #expect(found.pairs.map { [$0.first, $0.second, $0.isMirrored ? 1 : 0] } == expected && found.stoppedAt == nil)
    #expect(Set(expected.map { $0[2] }) == [0, 1] && expected.count < 140_000, "\(expected.count)")
    let stopped = HashPairs(hashes, distance: distance, limit: expected.count - 1, threads: threads)
    #expect(stopped.pairs.isEmpty && stopped.stoppedAt ?? 0 >= expected.count)
    #expect(HashPairs(hashes, distance: distance, limit: expected.count, threads: threads).stoppedAt == nil)
  }
}
