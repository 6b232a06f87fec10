"""torch.utils.data: data sets and samplers; the loader itself is the interpreter's."""

from __abstract__ import integer, unknown


class Dataset:
    def __getitem__(self, index):
        return unknown("data set without __getitem__")

    def __add__(self, other):
        return ConcatDataset([self, other])


class IterableDataset(Dataset):
    def __add__(self, other):
        return ChainDataset([self, other])


class TensorDataset(Dataset):
    def __init__(self, *tensors):
        self.tensors = tensors

    def __getitem__(self, index):
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self):
        return self.tensors[0].size(0)


class StackDataset(Dataset):
    def __init__(self, *args, **kwargs):
        self.datasets = args if args else kwargs

    def __getitem__(self, index):
        if isinstance(self.datasets, dict):
            return {name: dataset[index] for name, dataset in self.datasets.items()}
        return tuple(dataset[index] for dataset in self.datasets)

    def __len__(self):
        if isinstance(self.datasets, dict):
            return len(list(self.datasets.values())[0])
        return len(self.datasets[0])


class ConcatDataset(Dataset):
    def __init__(self, datasets):
        self.datasets = list(datasets)

    def __getitem__(self, index):
        return self.datasets[integer()][integer()]

    def __len__(self):
        return sum([len(dataset) for dataset in self.datasets])


class ChainDataset(IterableDataset):
    def __init__(self, datasets):
        self.datasets = datasets

    def __iter__(self):
        for dataset in self.datasets:
            yield from dataset


class Subset(Dataset):
    def __init__(self, dataset, indices):
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index):
        return self.dataset[integer()]

    def __len__(self):
        return len(self.indices)


def _shares(total, lengths):
    """Fractions as numbers of samples: what is left over goes to the first ones, one each."""
    counts = [int(total * share) for share in lengths]
    rest = total - sum(counts)
    for index in range(len(counts)):
        if index < rest:
            counts[index] = counts[index] + 1
    return counts


def random_split(dataset, lengths, generator=None):
    lengths = list(lengths)
    if any(isinstance(length, float) for length in lengths):
        lengths = _shares(len(dataset), lengths)
    return [Subset(dataset, range(length)) for length in lengths]


class Sampler:
    def __init__(self, data_source=None):
        pass


class SequentialSampler(Sampler):
    def __init__(self, data_source):
        self.data_source = data_source

    def __iter__(self):
        return iter(range(len(self.data_source)))

    def __len__(self):
        return len(self.data_source)


class RandomSampler(Sampler):
    def __init__(self, data_source, replacement=False, num_samples=None, generator=None):
        self.data_source = data_source
        self.num_samples = len(data_source) if num_samples is None else num_samples

    def __iter__(self):
        for _ in unknown("random indices"):
            yield integer()

    def __len__(self):
        return self.num_samples


class SubsetRandomSampler(Sampler):
    def __init__(self, indices, generator=None):
        self.indices = indices

    def __iter__(self):
        for _ in unknown("random indices"):
            yield integer()

    def __len__(self):
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    def __init__(self, weights, num_samples, replacement=True, generator=None):
        self.weights = weights
        self.num_samples = num_samples

    def __iter__(self):
        for _ in unknown("random indices"):
            yield integer()

    def __len__(self):
        return self.num_samples


class BatchSampler(Sampler):
    def __init__(self, sampler, batch_size, drop_last):
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __len__(self):
        if self.drop_last:
            return len(self.sampler) // self.batch_size
        return (len(self.sampler) + self.batch_size - 1) // self.batch_size


class DistributedSampler(Sampler):
    def __init__(self, dataset, num_replicas=None, rank=None, shuffle=True, seed=0, drop_last=False):
        self.dataset = dataset
        self.num_samples = integer()

    def __len__(self):
        return self.num_samples

    def set_epoch(self, epoch):
        return None


def get_worker_info():
    return None
