// The cost of a tap depends on the size of the images.

import TapArchitectures
import Testing

@Suite struct CostTests {
  @Test func costsAreThoseOfTheImagesAsTheyAreRun() throws {
    var backbone = try Architectures.seeded("resnet20_cifar10", seed: 1)
    let first = try #require(backbone.layers.first)
    // The layer applies 3 x 3 kernels from three channels to sixteen at each of 32 x 32 pixels.
    #expect(backbone.multiplyAdds(to: first.name) == 32 * 32 * 9 * 3 * 16)
    backbone.preprocessing.size = 64
    #expect(backbone.multiplyAdds(to: first.name) == 64 * 64 * 9 * 3 * 16)
    #expect(backbone.multiplyAdds(to: "input") == 0 && backbone.multiplyAdds(to: "nowhere") == nil)
  }
}
